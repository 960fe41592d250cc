"""Distances on the ground, from longitudes and latitudes."""

from __future__ import annotations

import numpy as np

from clearway.model.network import FloatArray

EARTH_RADIUS_M = 6_371_008.8  # mean radius R1 of WGS 84 (Moritz 2000, Geodetic Reference System 1980)
METRES_PER_DEGREE = EARTH_RADIUS_M * np.pi / 180


Numbers = FloatArray | float


def distance_m(lon_1: Numbers, lat_1: Numbers, lon_2: Numbers, lat_2: Numbers) -> FloatArray:
    """Great-circle distances in metres between points in degrees (haversine; arrays broadcast)."""
    phi_1, phi_2 = np.radians(lat_1), np.radians(lat_2)
    half_x, half_y = np.radians(np.subtract(lon_2, lon_1)) / 2, (phi_2 - phi_1) / 2
    chord = np.sin(half_y) ** 2 + np.cos(phi_1) * np.cos(phi_2) * np.sin(half_x) ** 2
    distance: FloatArray = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    return distance
