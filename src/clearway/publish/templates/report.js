/* Time, the player and what is said about the moment shown. */

const PAPER = { width: 703, height: 348 }; // the map on A4 between margins, in CSS pixels
const MOST_ROWS_ON_PAPER = 60; // longer folded tables stay folded: the table by zone says it, too

class Report {
  constructor(page) {
    this.page = page;
    this.end = page.begin_s + page.step_s * page.n_steps;
    this.slider = document.getElementById("time");
    this.button = document.getElementById("play");
    this.tip = document.getElementById("tip");
    this.map = new FlowMap(document.getElementById("canvas"), page);
    this.seconds = page.begin_s;
    this.playing = 0;
  }

  /* Wall-clock time of the scenario: reckoned in UTC so that the reader's own time zone plays no part. */
  clock(seconds) {
    const [year, month, day, hour, minute, second] = this.page.clock;
    const moment = new Date(Date.UTC(year, month - 1, day, hour, minute, second) + Math.round(seconds) * 1000);
    const two = (number) => String(number).padStart(2, "0");
    const weekday = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"][moment.getUTCDay()];
    const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const date = this.page.with_date ? ` ${moment.getUTCDate()} ${months[moment.getUTCMonth()]}` : "";
    const fine = this.page.step_s % 60 ? `:${two(moment.getUTCSeconds())}` : "";
    return `${weekday}${date} ${two(moment.getUTCHours())}:${two(moment.getUTCMinutes())}${fine}`;
  }

  count(number) { return Math.round(number).toLocaleString("en"); }

  atEdges(values, seconds) {
    const position = Math.min(Math.max((seconds - this.page.begin_s) / this.page.step_s, 0), this.page.n_steps);
    const i = Math.min(Math.floor(position), this.page.n_steps - 1);
    return values[i] + (values[i + 1] - values[i]) * (position - i);
  }

  /* The bound at the next time for which one is known: it holds at this time, too. */
  boundAt(seconds) {
    const i = this.page.bound_s.findIndex((time) => time >= seconds - 1e-6);
    return i < 0 ? null : this.page.bound[i];
  }

  show(seconds) {
    this.seconds = Math.min(Math.max(seconds, this.page.begin_s), this.end);
    this.map.show(this.seconds);
    this.slider.value = this.seconds;
    const arrived = this.atEdges(this.page.arrived, this.seconds), departed = this.atEdges(this.page.departed, this.seconds);
    const bound = this.boundAt(this.seconds), words = this.clock(this.seconds);
    const share = this.page.planned ? ` (${Math.round(100 * arrived / this.page.planned)} % of those planned)` : "";
    const most = bound === null ? "" : `; no plan could bring more than ${this.count(bound)}`;
    document.getElementById("now").textContent = words;
    document.getElementById("tally").textContent =
      `${this.count(arrived)} people have arrived${share}, ${this.count(Math.max(departed - arrived, 0))} are on the road${most}`;
    this.slider.setAttribute("aria-valuetext", `${words}, ${this.count(arrived)} people have arrived`);
    this.moveCursors(arrived);
  }

  moveCursors(arrived) {
    const along = (this.seconds - this.page.begin_s) / (this.end - this.page.begin_s);
    for (const chart of document.querySelectorAll("svg[data-frame]")) {
      const [left, right, , base, top] = chart.dataset.frame.split(" ").map(Number);
      const x = left + (right - left) * along, above = Number(chart.dataset.frame.split(" ")[2]);
      const line = chart.querySelector(".cursor"), dot = chart.querySelector(".cursor-dot");
      line.setAttribute("x1", x); line.setAttribute("x2", x);
      dot.setAttribute("cx", x); dot.setAttribute("cy", base - (base - above) * arrived / top);
    }
    for (const line of document.querySelectorAll(".spark .cursor")) { line.setAttribute("x1", 320 * along); line.setAttribute("x2", 320 * along); }
  }

  play() {
    if (this.playing) return;
    if (this.seconds >= this.end - 1e-6) this.show(this.page.begin_s);
    const speed = (this.end - this.page.begin_s) / 24000; // the whole plan in 24 seconds
    let last = performance.now();
    const frame = (now) => {
      this.show(this.seconds + Math.min(now - last, 200) * speed);
      last = now;
      if (this.seconds >= this.end - 1e-6) this.pause(); else this.playing = requestAnimationFrame(frame);
    };
    this.playing = requestAnimationFrame(frame);
    this.markButton(true);
  }

  pause() { cancelAnimationFrame(this.playing); this.playing = 0; this.markButton(false); }

  toggle() { if (this.playing) this.pause(); else this.play(); }

  markButton(playing) {
    this.button.textContent = playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-pressed", String(playing));
    this.button.setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  /* The step in which most vehicles are about: what paper shows, and where the page opens. */
  peakSeconds() {
    let best = 0, most = -1;
    for (let step = 0; step < this.page.n_steps; step++) {
      const about = this.page.departed[step + 1] - this.page.arrived[step + 1];
      if (about > most + 1e-6) { most = about; best = step + 1; }
    }
    return this.page.begin_s + Math.min(best, this.page.n_steps - 1) * this.page.step_s;
  }

  describe(found) {
    const map = this.map, page = this.page;
    const lines = [];
    if (found.kind === "road") {
      lines.push(page.map.names[map.name[found.index]]);
      const flows = map.flowsOfRoad.get(found.index) || [];
      for (const i of flows) {
        const isBack = map.flow.isBack[i], factor = map.factorAt(found.index, isBack, this.seconds);
        const capacity = map.capacity[isBack][found.index] * factor;
        lines.push(`${this.count(map.flowNow(i))} vehicles an hour now, of ${this.count(capacity)} it may carry`);
        lines.push(`most in this plan: ${this.count(map.flow.peak[i])} an hour`);
      }
      const closed = [0, 1].some((isBack) => map.factorAt(found.index, isBack, this.seconds) === 0);
      if (closed) lines.push(map.isClosedAlways(found.index) ? "closed all the time" : "closed at this time");
      if (!flows.length && !(closed && map.isClosedAlways(found.index))) {
        lines.push(`not used by this plan; may carry ${this.count(map.capacity[0][found.index])} vehicles an hour${closed ? " when open" : ""}`);
      }
      if ([0, 1].some((isBack) => map.isContested(2 * found.index + isBack))) lines.push("contested: reports contradict each other");
      const limit = page.map.limits.filter((row) => row[0] === found.index);
      if (limit.length) {
        const share = Math.round(100 * limit.reduce((sum, row) => sum + row[3], 0));
        const from = Math.min(...limit.map((row) => row[1])), until = Math.max(...limit.map((row) => row[2]));
        lines.push(`limits the plan from ${this.clock(from)} to ${this.clock(until)}: ${share < 1 ? "less than 1" : share} % of the cut`);
      }
    } else if (found.kind === "zone") {
      const zone = page.map.zones[found.index], still = 1 - map.left[found.index * (page.n_steps + 1) + map.step] / 255;
      lines.push(zone.name, `${this.count(zone.people)} people present, ${this.count(zone.people * still)} of them still there`);
    } else {
      const site = page.map.sites[found.index], whole = site.beds === null ? site.arrivals : site.beds;
      const share = map.filled[found.index * (page.n_steps + 1) + map.step] / 255;
      lines.push(site.name, `${this.count(whole * share)} people have arrived${site.beds === null ? "" : `, ${this.count(site.beds)} beds`}`);
    }
    return lines;
  }

  showTip(px, py) {
    const found = this.map.at(px, py);
    this.tip.hidden = !found;
    if (!found) return;
    const [title, ...rest] = this.describe(found), bold = document.createElement("b");
    bold.textContent = title;
    this.tip.replaceChildren(bold, ...rest.flatMap((line, i) => (i ? [document.createElement("br"), line] : [line])));
    const width = this.tip.offsetWidth, height = this.tip.offsetHeight;
    this.tip.style.left = `${Math.max(4, Math.min(px + 14, this.map.width - width - 6))}px`;
    this.tip.style.top = `${py + 16 + height > this.map.height ? Math.max(4, py - height - 10) : py + 16}px`;
  }

  start() {
    document.documentElement.classList.add("scripted");
    this.map.resize();
    this.map.fit();
    this.show(this.peakSeconds());
    this.listenToPlayer();
    this.listenToPointer();
    this.listenToTouch();
    this.listenToKeys();
    this.listenToPage();
    document.querySelectorAll("table.sortable").forEach(setUpTable);
  }

  listenToPlayer() {
    this.slider.addEventListener("input", () => { this.pause(); this.show(Number(this.slider.value)); });
    this.button.addEventListener("click", () => this.toggle());
    const zoom = (factor) => this.map.zoomAt(factor, this.map.width / 2, this.map.height / 2);
    document.getElementById("zoom-in").addEventListener("click", () => zoom(1.6));
    document.getElementById("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
    document.getElementById("zoom-fit").addEventListener("click", () => this.map.fit());
    for (const chart of document.querySelectorAll("svg[data-frame]")) {
      const pick = (event) => {
        const box = chart.getBoundingClientRect(), [left, right] = chart.dataset.frame.split(" ").map(Number);
        const x = (event.clientX - box.left) * chart.viewBox.baseVal.width / box.width;
        this.pause();
        this.show(this.page.begin_s + (this.end - this.page.begin_s) * (x - left) / (right - left));
      };
      chart.addEventListener("pointerdown", pick);
      chart.addEventListener("pointermove", (event) => { if (event.buttons) pick(event); });
    }
  }

  place(event) {
    const box = this.map.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  listenToPointer() {
    const canvas = this.map.canvas, hint = document.getElementById("map-hint");
    let drag = null, timer = 0;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch") return;
      drag = this.place(event);
      canvas.setPointerCapture(event.pointerId);
      canvas.classList.add("dragging");
    });
    canvas.addEventListener("pointermove", (event) => {
      const [px, py] = this.place(event);
      if (!drag) { if (event.pointerType !== "touch") this.showTip(px, py); return; }
      this.tip.hidden = true;
      this.map.pan(px - drag[0], py - drag[1]);
      drag = [px, py];
    });
    for (const kind of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(kind, () => { drag = null; canvas.classList.remove("dragging"); });
    }
    canvas.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") this.tip.hidden = true; });
    canvas.addEventListener("click", (event) => this.showTip(...this.place(event)));
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && document.activeElement !== canvas) {
        hint.hidden = false;
        clearTimeout(timer);
        timer = setTimeout(() => { hint.hidden = true; }, 1600);
        return;
      }
      event.preventDefault();
      hint.hidden = true;
      this.map.zoomAt(Math.exp(-Math.max(-200, Math.min(200, event.deltaY)) * 0.0025), ...this.place(event));
    }, { passive: false });
  }

  /* One finger scrolls the page; two move and zoom the map. */
  listenToTouch() {
    const canvas = this.map.canvas;
    let last = null;
    const two = (event) => {
      const [a, b] = [...event.touches].map((touch) => this.place(touch));
      return { x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, wide: Math.hypot(a[0] - b[0], a[1] - b[1]) };
    };
    canvas.addEventListener("touchstart", (event) => {
      last = event.touches.length === 2 ? two(event) : null;
      if (last) event.preventDefault();
    }, { passive: false });
    canvas.addEventListener("touchmove", (event) => {
      if (!last || event.touches.length !== 2) return;
      event.preventDefault();
      const now = two(event);
      this.tip.hidden = true;
      this.map.pan(now.x - last.x, now.y - last.y);
      this.map.zoomAt(now.wide / Math.max(last.wide, 1), now.x, now.y);
      last = now;
    }, { passive: false });
    canvas.addEventListener("touchend", () => { last = null; });
  }

  listenToKeys() {
    const map = this.map, centre = () => [map.width / 2, map.height / 2];
    const actions = {
      ArrowLeft: () => map.pan(60, 0), ArrowRight: () => map.pan(-60, 0), ArrowUp: () => map.pan(0, 60), ArrowDown: () => map.pan(0, -60),
      "+": () => map.zoomAt(1.4, ...centre()), "=": () => map.zoomAt(1.4, ...centre()), "-": () => map.zoomAt(1 / 1.4, ...centre()),
      0: () => map.fit(), " ": () => this.toggle(), Escape: () => { this.tip.hidden = true; },
    };
    map.canvas.addEventListener("keydown", (event) => {
      const action = actions[event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action();
    });
  }

  /* Size, colour scheme and paper. */
  listenToPage() {
    const map = this.map, root = document.documentElement;
    let width = map.width;
    new ResizeObserver(() => {
      const box = map.canvas.getBoundingClientRect();
      if (!box.width || this.printing || (Math.abs(box.width - map.width) < 1 && Math.abs(box.height - map.height) < 1)) return;
      const whole = Math.abs(box.width - width) > 1;
      width = box.width;
      map.resize();
      if (whole) map.fit(); else map.moved();
    }).observe(map.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { map.readColours(); map.moved(); });
    const print = (on) => {
      if (this.printing === on) return;
      this.printing = on;
      if (on) {
        this.pause();
        this.before = this.seconds;
        root.dataset.print = "";
        for (const fold of document.querySelectorAll("details:not([open])")) {
          if (fold.querySelectorAll("tbody tr").length > MOST_ROWS_ON_PAPER) continue;
          fold.open = true;
          fold.dataset.folded = "";
        }
      } else {
        delete root.dataset.print;
        for (const fold of document.querySelectorAll("details[data-folded]")) { fold.open = false; delete fold.dataset.folded; }
      }
      map.readColours();
      map.resize(on ? PAPER : null);
      map.fit();
      this.show(on ? this.peakSeconds() : this.before);
      map.paint();
    };
    addEventListener("beforeprint", () => print(true));
    addEventListener("afterprint", () => print(false));
    matchMedia("print").addEventListener("change", (event) => print(event.matches));
  }
}

const report = new Report(JSON.parse(document.getElementById("data").textContent));
report.start();

/* For tests and for those who look under the bonnet. */
window.clearway = {
  report,
  show: (seconds) => report.show(seconds),
  play: () => report.play(),
  pause: () => report.pause(),
  /* Vehicles an hour entering all roads together at a time, and how many roads they are on. */
  flowAt: (seconds) => {
    const { page, map } = report;
    const step = Math.min(Math.max(Math.floor((seconds - page.begin_s) / page.step_s + 1e-9), 0), page.n_steps - 1);
    let [total, roads] = [0, 0];
    for (let i = 0; i < map.flow.road.length; i++) {
      const flow = map.flow.peak[i] * map.flow.values[i * page.n_steps + step] / 255;
      total += flow;
      roads += flow > 0;
    }
    return { vehicles_per_hour: total, roads };
  },
};
