"use strict";
/* The map: roads, closures, limits, flows, zones and sites on a canvas. Coordinates are whole numbers of a square grid. */

function decode(words, kind) {
  const bytes = Uint8Array.from(atob(words), (sign) => sign.charCodeAt(0));
  return new kind(bytes.buffer);
}

class FlowMap {
  constructor(canvas, page) {
    const map = page.map;
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.page = page;
    this.points = decode(map.points, Uint16Array);
    this.start = decode(map.start, Uint32Array);
    this.capacity = [decode(map.capacity, Float32Array), decode(map.capacity_back, Float32Array)];
    this.name = decode(map.name, Uint32Array);
    this.flow = {
      road: decode(map.flow.road, Uint32Array), isBack: decode(map.flow.is_back, Uint8Array),
      peak: decode(map.flow.peak, Float32Array), values: decode(map.flow.values, Uint8Array),
    };
    this.left = decode(map.left, Uint8Array);
    this.filled = decode(map.filled, Uint8Array);
    this.flowsOfRoad = new Map();
    this.flow.road.forEach((road, i) => this.flowsOfRoad.set(road, [...(this.flowsOfRoad.get(road) || []), i]));
    this.closures = new Map(map.closures.map(([road, isBack, pieces]) => [2 * road + isBack, pieces]));
    this.contested = new Map(map.closures.map(([road, isBack, , spans]) => [2 * road + isBack, spans]));
    this.largest = this.flow.peak.reduce((most, peak) => Math.max(most, peak), 1);
    this.mostPeople = map.zones.reduce((most, zone) => Math.max(most, zone.people), 1);
    this.mostBeds = map.sites.reduce((most, site) => Math.max(most, site.arrivals), 1);
    this.zonesBySize = map.zones.map((zone, i) => i).sort((a, b) => map.zones[b].people - map.zones[a].people);
    this.tracks = [];
    this.roadClasses = this.classify();
    this.step = 0;
    this.seconds = page.begin_s;
    this.scale = 1; this.x = 0; this.y = 0; // pixels per grid unit; grid coordinates of the left upper corner
    this.base = document.createElement("canvas");
    this.readColours();
  }

  /* Signs are smaller on a phone. */
  get signScale() { return this.width < 500 ? 0.7 : 1; }

  get nRoads() { return this.start.length - 1; }

  readColours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(`--${name}`).trim();
    this.colour = { flow: [0, 1, 2, 3, 4].map((i) => read(`f${i}`)) };
    for (const name of ["map", "road", "road-main", "halo", "text", "soft", "paper", "limit", "closed", "zone", "zone-fill", "site", "site-fill"]) {
      this.colour[name] = read(name);
    }
    this.font = getComputedStyle(document.body).fontFamily;
  }

  /* Roads in three classes by capacity, as paths in grid coordinates that can be stroked at any zoom. */
  classify() {
    const capacity = this.capacity[0];
    const sorted = Float32Array.from(capacity).sort();
    const middle = sorted[Math.floor(sorted.length * 0.5)], high = sorted[Math.floor(sorted.length * 0.9)];
    const paths = [new Path2D(), new Path2D(), new Path2D()];
    for (let road = 0; road < this.nRoads; road++) {
      const size = capacity[road] > middle && capacity[road] >= high ? 2 : capacity[road] > middle ? 1 : 0;
      this.trace(paths[size], road, 1, 0, 0);
    }
    return paths;
  }

  trace(path, road, scale, x, y) {
    const points = this.points;
    for (let i = this.start[road]; i < this.start[road + 1]; i++) {
      const px = (points[2 * i] - x) * scale, py = (points[2 * i + 1] - y) * scale;
      if (i === this.start[road]) path.moveTo(px, py); else path.lineTo(px, py);
    }
  }

  /* Take the size of the page's box, or that of a sheet of paper. */
  resize(paper) {
    const box = paper || this.canvas.getBoundingClientRect();
    this.ratio = paper ? 3 : window.devicePixelRatio || 1;
    this.width = Math.max(1, box.width); this.height = Math.max(1, box.height);
    for (const canvas of [this.canvas, this.base]) {
      canvas.width = Math.round(this.width * this.ratio); canvas.height = Math.round(this.height * this.ratio);
    }
  }

  /* Show all zones, all sites and every road that carries anyone. */
  fit() {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    const add = (x, y) => { left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y); };
    for (const place of [...this.page.map.zones, ...this.page.map.sites, ...this.page.map.crossings]) add(place.x, place.y);
    for (const road of this.flow.road) {
      for (let i = this.start[road]; i < this.start[road + 1]; i++) add(this.points[2 * i], this.points[2 * i + 1]);
    }
    if (left > right) [left, top, right, bottom] = [0, 0, 65535, 65535];
    const margin = Math.min(48, this.width / 10);
    this.scale = Math.min((this.width - 2 * margin) / Math.max(right - left, 1), (this.height - 2 * margin) / Math.max(bottom - top, 1));
    this.x = (left + right - this.width / this.scale) / 2; this.y = (top + bottom - this.height / this.scale) / 2;
    this.fitted = this.scale;
    this.moved();
  }

  zoomAt(factor, px, py) {
    const scale = Math.min(Math.max(this.scale * factor, this.fitted / 4), this.fitted * 200);
    this.x += px / this.scale - px / scale; this.y += py / this.scale - py / scale;
    this.scale = scale;
    this.moved();
  }

  pan(dx, dy) { this.x -= dx / this.scale; this.y -= dy / this.scale; this.moved(); }

  moved() { this.stale = true; this.labels = null; this.draw(); }

  show(seconds) {
    this.seconds = seconds;
    this.step = Math.min(Math.max(Math.floor((seconds - this.page.begin_s) / this.page.step_s + 1e-9), 0), this.page.n_steps - 1);
    this.draw();
  }

  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.paint(); });
  }

  factorAt(road, isBack, seconds) {
    const pieces = this.closures.get(2 * road + isBack);
    let factor = 1;
    for (const [from, value] of pieces || []) if (from <= seconds) factor = value;
    return factor;
  }

  /* Whether a road is shut, in a direction that has a statement, from the first to the last. */
  isClosedAlways(road) {
    return [0, 1].some((isBack) => { const pieces = this.closures.get(2 * road + isBack); return pieces && pieces.every(([, factor]) => factor === 0); });
  }

  flowNow(i) { return this.flow.peak[i] * this.flow.values[i * this.page.n_steps + this.step] / 255; }

  inView(px, py, margin) { return px > -margin && py > -margin && px < this.width + margin && py < this.height + margin; }

  paint() {
    if (this.stale) this.paintBase();
    const pen = this.context;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.drawImage(this.base, 0, 0);
    pen.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    pen.lineCap = "round"; pen.lineJoin = "round";
    this.paintLimits(pen);
    this.paintFlows(pen);
    this.paintZones(pen);
    this.paintSites(pen);
    this.paintCrossings(pen);
    this.paintClosures(pen);
    this.paintLabels(pen);
    this.paintScale(pen);
  }

  paintBase() {
    const pen = this.base.getContext("2d"), unit = this.scale * this.ratio;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = this.colour.map;
    pen.fillRect(0, 0, this.base.width, this.base.height);
    pen.setTransform(unit, 0, 0, unit, -this.x * unit, -this.y * unit);
    pen.lineCap = "round"; pen.lineJoin = "round";
    const zoom = Math.min(Math.sqrt(this.scale / this.fitted), 2.5);
    this.roadClasses.forEach((path, size) => {
      pen.strokeStyle = size === 2 ? this.colour["road-main"] : this.colour.road;
      pen.lineWidth = [0.7, 1.1, 1.6][size] * zoom / this.scale;
      pen.stroke(path);
    });
    this.stale = false;
  }

  paintLimits(pen) {
    const limits = this.page.map.limits;
    for (const active of [false, true]) {
      const path = new Path2D();
      for (const [road, from, until] of limits) {
        if ((from <= this.seconds && this.seconds < until) === active) this.trace(path, road, this.scale, this.x, this.y);
      }
      pen.strokeStyle = this.colour.limit;
      pen.globalAlpha = active ? 0.8 : 0.28;
      pen.lineWidth = limits.length > 300 ? 7 : 15;
      pen.stroke(path);
    }
    pen.globalAlpha = 1;
  }

  /* Lines of one colour and width are stroked together: a few dozen strokes for any number of roads. */
  paintFlows(pen) {
    const batches = new Map(), arrows = [];
    for (let i = 0; i < this.flow.road.length; i++) {
      const flow = this.flowNow(i);
      if (!flow) continue;
      const road = this.flow.road[i], first = this.start[road];
      const px = (this.points[2 * first] - this.x) * this.scale, py = (this.points[2 * first + 1] - this.y) * this.scale;
      const last = this.start[road + 1] - 1;
      const qx = (this.points[2 * last] - this.x) * this.scale, qy = (this.points[2 * last + 1] - this.y) * this.scale;
      if (Math.max(px, qx) < -60 || Math.max(py, qy) < -60 || Math.min(px, qx) > this.width + 60 || Math.min(py, qy) > this.height + 60) {
        if (last - first === 1) continue;
      }
      const share = Math.min(flow / Math.max(this.capacity[this.flow.isBack[i]][road], 1e-9), 1);
      const colour = Math.min(Math.floor(share * 5), 4), width = Math.ceil(6 * Math.sqrt(flow / this.largest));
      const key = 10 * width + colour;
      if (!batches.has(key)) batches.set(key, new Path2D());
      this.trace(batches.get(key), road, this.scale, this.x, this.y);
      if (Math.abs(px - qx) + Math.abs(py - qy) > 34 && arrows.length < 2500) arrows.push([i, colour, width]);
    }
    for (const key of [...batches.keys()].sort((a, b) => a - b)) {
      pen.strokeStyle = this.colour.flow[key % 10];
      pen.lineWidth = 1.2 + Math.floor(key / 10);
      pen.stroke(batches.get(key));
    }
    for (const [i, colour, width] of arrows) this.paintArrow(pen, i, colour, width);
  }

  paintArrow(pen, i, colour, width) {
    const road = this.flow.road[i], middle = (this.start[road] + this.start[road + 1] - 1) >> 1;
    let [ax, ay, bx, by] = [0, 1, 2, 3].map((k) => (this.points[2 * middle + k] - (k % 2 ? this.y : this.x)) * this.scale);
    if (this.flow.isBack[i]) [ax, ay, bx, by] = [bx, by, ax, ay];
    const length = Math.hypot(bx - ax, by - ay), cx = (ax + bx) / 2, cy = (ay + by) / 2;
    if (length < 16 || !this.inView(cx, cy, 10)) return;
    const ux = (bx - ax) / length, uy = (by - ay) / length, size = 4.5 + width * 0.75;
    pen.beginPath();
    pen.moveTo(cx + ux * size, cy + uy * size);
    pen.lineTo(cx - ux * size - uy * size, cy - uy * size + ux * size);
    pen.lineTo(cx - ux * size * 0.4, cy - uy * size * 0.4);
    pen.lineTo(cx - ux * size + uy * size, cy - uy * size - ux * size);
    pen.closePath();
    pen.fillStyle = this.colour.flow[colour];
    pen.strokeStyle = this.colour.map;
    pen.lineWidth = 1;
    pen.fill(); pen.stroke();
  }

  isContested(key) {
    return (this.contested.get(key) || []).some(([from, until]) => from <= this.seconds && (until === null || this.seconds < until));
  }

  /* Closed: solid, with a cross. Contested: dashed, in a dashed ring; with a cross where it is taken as closed. */
  paintClosures(pen) {
    const solid = new Path2D(), dashed = new Path2D(), marks = [], rings = [];
    for (const key of this.closures.keys()) {
      const road = key >> 1, closed = this.factorAt(road, key & 1, this.seconds) === 0, contested = this.isContested(key);
      if (!closed && !contested) continue;
      this.trace(contested ? dashed : solid, road, this.scale, this.x, this.y);
      const a = this.start[road], b = this.start[road + 1] - 1, middle = (a + b) >> 1, next = Math.min(middle + 1, b);
      const mark = [0, 1].map((k) => ((this.points[2 * middle + k] + this.points[2 * next + k]) / 2 - (k ? this.y : this.x)) * this.scale);
      if (closed) marks.push(mark);
      if (contested) rings.push(mark);
    }
    for (const [px, py] of rings.length > 400 ? [] : rings) { dashed.moveTo(px + 13, py); dashed.arc(px, py, 13, 0, 2 * Math.PI); }
    pen.strokeStyle = this.colour.map; pen.lineWidth = 5; pen.stroke(solid); pen.stroke(dashed);
    pen.strokeStyle = this.colour.closed; pen.lineWidth = 3; pen.stroke(solid);
    pen.setLineDash([5, 6]); pen.stroke(dashed); pen.setLineDash([]);
    if (marks.length > 400) return;
    for (const [px, py] of marks) {
      const cross = new Path2D();
      for (const turn of [1, -1]) { cross.moveTo(px - 6, py - 6 * turn); cross.lineTo(px + 6, py + 6 * turn); }
      pen.strokeStyle = this.colour.map; pen.lineWidth = 6; pen.stroke(cross);
      pen.strokeStyle = this.colour.closed; pen.lineWidth = 3; pen.stroke(cross);
    }
  }

  paintCrossings(pen) {
    for (const place of this.page.map.crossings) {
      const px = (place.x - this.x) * this.scale, py = (place.y - this.y) * this.scale;
      if (!this.inView(px, py, 20)) continue;
      pen.beginPath();
      pen.moveTo(px, py - 7); pen.lineTo(px + 7, py); pen.lineTo(px, py + 7); pen.lineTo(px - 7, py); pen.closePath();
      pen.fillStyle = this.colour.paper; pen.fill();
      pen.strokeStyle = this.colour.text; pen.lineWidth = 2; pen.stroke();
    }
  }

  zoneRadius(zone) {
    const crowd = Math.min(1, 6 / Math.sqrt(this.page.map.zones.length)); // many zones: small circles
    const zoom = Math.min(Math.max(Math.sqrt(this.scale / this.fitted), 1), 2.5);
    return (4 + 15 * Math.sqrt(zone.people / this.mostPeople)) * crowd * zoom * this.signScale;
  }

  paintZones(pen) {
    const zones = this.page.map.zones, steps = this.page.n_steps + 1;
    for (const i of this.zonesBySize) {
      const zone = zones[i], px = (zone.x - this.x) * this.scale, py = (zone.y - this.y) * this.scale;
      if (!this.inView(px, py, 40)) continue;
      const radius = this.zoneRadius(zone), still = 1 - this.left[i * steps + this.step] / 255;
      pen.beginPath(); pen.arc(px, py, radius, 0, 2 * Math.PI);
      pen.fillStyle = this.colour.paper; pen.fill();
      const height = 2 * radius * still, turn = Math.acos(Math.min(Math.max((radius - height) / radius, -1), 1));
      pen.beginPath(); pen.arc(px, py, radius, Math.PI / 2 - turn, Math.PI / 2 + turn); pen.closePath();
      pen.fillStyle = this.colour["zone-fill"]; pen.fill();
      pen.beginPath(); pen.arc(px, py, radius, 0, 2 * Math.PI);
      pen.strokeStyle = this.colour.zone; pen.lineWidth = radius > 5 ? 1.8 : 1; pen.stroke();
    }
  }

  paintSites(pen) {
    const steps = this.page.n_steps + 1;
    this.page.map.sites.forEach((site, i) => {
      const px = (site.x - this.x) * this.scale, py = (site.y - this.y) * this.scale, half = this.siteHalf(site);
      if (!this.inView(px, py, 40)) return;
      const share = this.filled[i * steps + this.step] / 255;
      pen.fillStyle = this.colour.paper; pen.fillRect(px - half, py - half, 2 * half, 2 * half);
      pen.fillStyle = this.colour["site-fill"]; pen.fillRect(px - half, py + half - 2 * half * share, 2 * half, 2 * half * share);
      pen.strokeStyle = this.colour.site; pen.lineWidth = 2.2; pen.strokeRect(px - half, py - half, 2 * half, 2 * half);
    });
  }

  siteHalf(site) { return (8 + 5 * Math.sqrt(site.arrivals / this.mostBeds)) * this.signScale; }

  onCanvas(place) { return [(place.x - this.x) * this.scale, (place.y - this.y) * this.scale]; }

  /* What labels keep clear of: boxes of signs, with what it costs to cover one whole; a crossing is never covered. */
  signs() {
    const map = this.page.map, boxes = [];
    const add = (place, half, cost) => {
      const [px, py] = this.onCanvas(place);
      if (this.inView(px, py, 30)) boxes.push({ px, py, box: [px - half, py - half, px + half, py + half], cost });
    };
    for (const place of map.crossings) add(place, 7, Infinity);
    if (map.sites.length <= 60) for (const site of map.sites) add(site, this.siteHalf(site), 3);
    for (const i of this.zonesBySize.slice(0, 60)) add(map.zones[i], 0.85 * this.zoneRadius(map.zones[i]), 2);
    return boxes;
  }

  /* What is to be named, the most important first: crossings, the largest zones, sites, the other zones. */
  named() {
    const map = this.page.map, phone = this.width < 500, size = phone ? 11 : 12.5, text = this.colour.text;
    const zone = (i, size, weight) => ({ ...map.zones[i], away: this.zoneRadius(map.zones[i]) + 5, size, weight, colour: text });
    const visible = this.zonesBySize.filter((i) => this.inView(...this.onCanvas(map.zones[i]), 0));
    const large = visible.filter((i) => map.zones[i].people >= 0.3 * this.mostPeople).slice(0, 8);
    const many = map.zones.length > 150 && this.scale < 2.5 * this.fitted;
    return [
      ...map.crossings.map((place) => ({ ...place, away: 11, size, weight: 700, colour: text, isNeeded: true })),
      ...(many ? [] : large).map((i) => ({ ...zone(i, size + 1.5, 700), isNeeded: true })),
      ...map.sites.slice(0, 60).map((site) => ({ ...site, away: this.siteHalf(site) + 5, size, weight: 600, colour: this.colour.site, isNeeded: true })),
      ...(many ? [] : visible.filter((i) => !large.includes(i)).slice(0, 40)).map((i) => zone(i, size - 0.5, 500)),
    ].filter((place) => place.name && this.inView(...this.onCanvas(place), 0));
  }

  /*
   * Where labels go, one after the other: beside their place, or some way off with a line to it, where they cover the
   * least of the signs; never on another label or a crossing. One that finds no room is left out, and so is that of a
   * smaller zone that would cover signs.
   */
  placeLabels(pen) {
    const phone = this.width < 500, most = phone ? 22 : 34, signs = this.signs();
    const taken = [[this.width - 64, 0, this.width, 150]]; // the zoom buttons
    const sides = [[1, 0], [-1, 0], [0, -1], [0, 1], [0.75, -0.75], [-0.75, -0.75], [0.75, 0.75], [-0.75, 0.75]];
    const overlap = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
    const labels = [];
    for (const place of this.named()) {
      const [px, py] = this.onCanvas(place), { size } = place, font = `${place.weight} ${size}px ${this.font}`;
      pen.font = font;
      const shown = place.name.length > most ? place.name.slice(0, most - 1).trimEnd() + "…" : place.name;
      const width = pen.measureText(shown).width;
      let best = null;
      for (const further of place.isNeeded ? [0, 16, 34, 56] : [0, 14]) {
        sides.forEach(([dx, dy], side) => {
          const away = place.away + further;
          const left = dx > 0 ? px + dx * away : dx < 0 ? px + dx * away - width : px - width / 2;
          const base = py + size * 0.36 + dy * (away + size * 0.6), box = [left - 3, base - size, left + width + 3, base + 4];
          if (box[0] < 2 || box[2] > this.width - 2 || box[1] < 2 || box[3] > this.height - 2) return;
          if (taken.some((other) => overlap(box, other) > 0)) return;
          let cost = 0.02 * side + 0.012 * further; // a place to the right and near before one far off
          for (const sign of signs) {
            const covered = overlap(box, sign.box);
            if (covered > 0) cost += sign.cost * Math.min(1, 0.3 + covered / ((sign.box[2] - sign.box[0]) ** 2));
            else if (further && (sign.px !== px || sign.py !== py) && this.isCrossed(sign.box, px, py, box)) cost += 0.5;
          }
          if (cost < (best ? best.cost : Infinity)) best = { shown, font, left, base, box, cost, px, py, further, colour: place.colour };
        });
      }
      if (!best || (!place.isNeeded && best.cost > 1)) continue;
      taken.push(best.box);
      labels.push(best);
    }
    return labels;
  }

  /* The end of a label's line at its box. */
  lineEnd(px, py, box) { return [Math.min(Math.max(px, box[0]), box[2]), Math.min(Math.max(py, box[1]), box[3])]; }

  /* Whether the line from a place to its label passes through a box. */
  isCrossed(over, px, py, box) {
    const [qx, qy] = this.lineEnd(px, py, box);
    return [0.2, 0.35, 0.5, 0.65, 0.8, 0.95].some((t) => {
      const x = px + t * (qx - px), y = py + t * (qy - py);
      return x > over[0] && x < over[2] && y > over[1] && y < over[3];
    });
  }

  paintLabels(pen) {
    this.labels = this.labels || this.placeLabels(pen); // the same until the map is moved
    for (const { box, px, py, further } of this.labels) {
      if (!further) continue;
      pen.strokeStyle = this.colour.soft; pen.lineWidth = 1;
      pen.beginPath(); pen.moveTo(px, py);
      pen.lineTo(...this.lineEnd(px, py, box)); pen.stroke();
    }
    for (const label of this.labels) {
      pen.font = label.font;
      pen.strokeStyle = this.colour.halo; pen.lineWidth = 4; pen.strokeText(label.shown, label.left, label.base);
      pen.fillStyle = label.colour; pen.fillText(label.shown, label.left, label.base);
    }
  }

  paintScale(pen) {
    if (!this.page.map.unit_m) return;
    const metres = 110 / this.scale * this.page.map.unit_m, power = 10 ** Math.floor(Math.log10(metres));
    const round = [5, 2, 1].find((n) => n * power <= metres) * power, length = round / this.page.map.unit_m * this.scale;
    const y = this.height - 14;
    pen.strokeStyle = this.colour.soft; pen.fillStyle = this.colour.soft; pen.lineWidth = 1.5;
    pen.beginPath(); pen.moveTo(14, y - 5); pen.lineTo(14, y); pen.lineTo(14 + length, y); pen.lineTo(14 + length, y - 5); pen.stroke();
    pen.font = `12px ${this.font}`;
    pen.fillText(round >= 1000 ? round / 1000 + " km" : round + " m", 20 + length, y + 1);
  }

  /* The zone, site or road under a point of the canvas. */
  at(px, py) {
    const map = this.page.map, near = (place, reach) => Math.hypot((place.x - this.x) * this.scale - px, (place.y - this.y) * this.scale - py) < reach;
    const site = map.sites.findIndex((place) => near(place, 13));
    if (site >= 0) return { kind: "site", index: site };
    for (const i of [...this.zonesBySize].reverse()) if (near(map.zones[i], this.zoneRadius(map.zones[i]) + 2)) return { kind: "zone", index: i };
    const gx = px / this.scale + this.x, gy = py / this.scale + this.y, reach = 9 / this.scale;
    let best = -1, least = reach * reach;
    for (let road = 0; road < this.nRoads; road++) {
      const bonus = this.flowsOfRoad.has(road) ? 0.6 : 1;
      for (let i = this.start[road]; i < this.start[road + 1] - 1; i++) {
        const distance = segmentDistance(this.points, i, gx, gy) * bonus;
        if (distance < least) { least = distance; best = road; }
      }
    }
    return best < 0 ? null : { kind: "road", index: best };
  }
}

/* The square of a point's distance from segment i of a list of points. */
function segmentDistance(points, i, x, y) {
  const ax = points[2 * i], ay = points[2 * i + 1], dx = points[2 * i + 2] - ax, dy = points[2 * i + 3] - ay;
  const along = Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1), 0), 1);
  return (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2;
}
