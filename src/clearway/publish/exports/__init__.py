"""Plans for other programs: SUMO, MATSim, UXsim and GMNS; one program, one file."""
