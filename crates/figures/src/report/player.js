// Plays the recorded configurations of the flows. Everything shown is in the data beside it; without script the still picture
// below says the same.
(() => {
  const place = document.getElementById("player");
  const data = document.getElementById("player-data");
  if (!place || !data) return;
  const run = JSON.parse(data.textContent);
  const critical = 2 / Math.log(1 + Math.SQRT2);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const UP = [29, 63, 102];
  const DOWN = [243, 231, 207];

  const make = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const SVG = "http://www.w3.org/2000/svg";
  const draw = (parent, name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  };
  // "T_{c}" as elements.
  const marked = (text) => text.split(/_\{([^}]*)\}/).map((part, i) => (i % 2 ? make("sub", {}, part) : part));
  const plain = (text) => text.replace(/_\{([^}]*)\}/g, "_$1");
  const unpack = (flow) => {
    if (!flow.spins) flow.spins = Uint8Array.from(atob(flow.bits), (c) => c.charCodeAt(0));
    return flow.spins;
  };
  const number = (value, decimals) =>
    value === null || value === undefined ? "–" : value.toFixed(decimals).replace("-", "−");
  const reading = (values, errors, at) => {
    if (!values || values[at] === null) return "–";
    const error = errors[at];
    // Where the error is that large the ensemble has nothing to tell it by.
    const doubt = error > 0.5 ? " (says little)" : "";
    return number(values[at], 3) + (error ? ` ± ${number(error, 3)}` : "") + doubt;
  };

  // The colour of a start: cold, near T_c, hot, infinite, as in the figures.
  const colourOf = (flow, start) => {
    const t = flow.temperatures[start];
    if (t === null) return 3;
    return t === 0 || t < critical - 0.3 ? 0 : t < 3 ? 1 : 2;
  };

  // T_E of all starts against the step, with a dot at the step that is shown.
  const trace = (flow) => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 320 120");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", "scale trace");
    const most = flow.steps[flow.steps.length - 1];
    const x = (step) => 34 + (276 * Math.log1p(step)) / Math.log1p(Math.max(most, 1));
    const y = (t) => 96 - (84 * Math.min(t, 6.3)) / 6.3;
    for (const t of [0, 2, 4, 6]) {
      draw(svg, "line", { class: "guide", x1: 34, x2: 310, y1: y(t), y2: y(t) });
      draw(svg, "text", { x: 29, y: y(t) + 4, "text-anchor": "end" }, String(t));
    }
    draw(svg, "text", { x: 2, y: 11 }, "T").append(
      Object.assign(document.createElementNS(SVG, "tspan"), { textContent: "E" }));
    svg.lastChild.lastChild.setAttribute("dy", "3");
    svg.lastChild.lastChild.setAttribute("font-size", "8");
    for (const step of [0, 1, 3, 10, 30, 100, 300, 1000].filter((s) => s <= most)) {
      draw(svg, "text", { x: x(step), y: 112, "text-anchor": "middle" }, String(step));
    }
    draw(svg, "line", { class: "critical", x1: 34, x2: 310, y1: y(critical), y2: y(critical) });
    const lines = flow.energy ? flow.starts.map((_, start) => {
      const value = (k) => flow.energy[start * flow.steps.length + k];
      const colour = `start${colourOf(flow, start)}`;
      const path = (last) => flow.steps.slice(0, last + 1)
        .map((step, k) => (value(k) === null ? "" : `${x(step).toFixed(1)} ${y(value(k)).toFixed(1)}`))
        .filter(Boolean).join("L");
      draw(svg, "path", { class: `${colour} ahead`, d: `M${path(flow.steps.length - 1)}` });
      const line = draw(svg, "path", { class: `${colour} past` });
      const dot = draw(svg, "circle", { class: colour, r: 3.5 });
      return { line, dot, value, path };
    }) : [];
    return { svg, show(frame) {
      const k = Math.min(frame, flow.steps.length - 1);
      for (const { line, dot, value, path } of lines) {
        const there = path(k);
        line.setAttribute("d", there ? `M${there}` : "");
        dot.setAttribute("visibility", value(k) === null ? "hidden" : "visible");
        dot.setAttribute("cx", x(flow.steps[k]));
        dot.setAttribute("cy", y(value(k) ?? 0));
      }
    } };
  };

  // One start of one flow: its configurations, its scale of temperatures, its readings.
  const panel = (flow, start) => {
    const canvases = [];
    const chains = make("div", { class: `chains of${flow.chains}`, role: "img" });
    for (let c = 0; c < flow.chains; c += 1) {
      const canvas = make("canvas", { width: flow.width, height: Math.ceil(flow.sites / flow.width) });
      canvases.push(canvas);
      chains.append(canvas);
    }
    const scale = document.createElementNS(SVG, "svg");
    scale.setAttribute("viewBox", "0 0 220 96");
    scale.setAttribute("aria-hidden", "true");
    scale.setAttribute("class", "scale");
    const words = make("p", { class: "reading" });
    const box = make(
      "div", { class: "panel" },
      make("h5", {}, make("span", { class: `swatch start${colourOf(flow, start)}`, "aria-hidden": "true" }), "from T = ", ...marked(flow.starts[start])),
      make("div", { class: "row" }, chains, make("div", { class: "side" }, scale, words)),
    );
    const highest = flow.classes ? Math.max(...flow.classes.filter((t) => t !== null)) : 6;
    const x = (t) => 8 + (204 * Math.min(t, highest)) / highest;
    const most = flow.posterior ? Math.max(...flow.posterior) : 1;
    return { box, show(frame) {
      const k = Math.min(frame, flow.steps.length - 1);
      const at = start * flow.steps.length + k;
      const spins = unpack(flow);
      const sites = flow.sites;
      canvases.forEach((canvas, c) => {
        const context = canvas.getContext("2d");
        const image = context.createImageData(canvas.width, canvas.height);
        for (let i = 0; i < sites; i += 1) {
          const bit = (at * flow.chains + c) * sites + i;
          const colour = (spins[bit >> 3] >> (7 - (bit & 7))) & 1 ? UP : DOWN;
          image.data.set([...colour, 255], 4 * i);
        }
        context.putImageData(image, 0, 0);
      });
      scale.replaceChildren();
      if (flow.classes) {
        const n = flow.classes.length;
        const width = Math.max(2, 204 / n - 1);
        for (let c = 0; c < n; c += 1) {
          const height = (58 * flow.posterior[at * n + c]) / most;
          if (flow.classes[c] === null || height < 0.05) continue;
          draw(scale, "rect", { class: "bar", x: x(flow.classes[c]) - width / 2, y: 74 - height, width, height });
        }
      }
      draw(scale, "line", { class: "axis", x1: 4, x2: 216, y1: 74, y2: 74 });
      for (let t = 0; t <= highest; t += 2) {
        draw(scale, "line", { class: "axis", x1: x(t), x2: x(t), y1: 74, y2: 78 });
        draw(scale, "text", { x: x(t), y: 92, "text-anchor": "middle" }, String(t));
      }
      draw(scale, "line", { class: "critical", x1: x(critical), x2: x(critical), y1: 6, y2: 78 });
      const energy = flow.energy ? flow.energy[at] : null;
      if (energy !== null) {
        const p = x(energy);
        draw(scale, "path", { class: "mark", d: `M${p} 13l-6 -10h12z` });
      }
      const size = flow.sizes ? `L = ${flow.sizes[k]}, ` : "";
      const temperature = reading(flow.energy, flow.energyError, at);
      const magnetization = reading(flow.magnetization, flow.magnetizationError, at);
      words.replaceChildren(
        make("span", { class: "energy" }, "T", make("sub", {}, "E"), ` = ${temperature}`), make("br"),
        make("span", { class: "magnetization" }, `⟨|m|⟩ = ${magnetization}`),
      );
      chains.setAttribute("aria-label",
        `${flow.chains} configurations, start T = ${plain(flow.starts[start])}, step ${flow.steps[k]}: ${size}` +
        `T_E = ${temperature}, mean |m| = ${magnetization}`);
    } };
  };

  // The kinds of flows: the machines by what they were trained on, and the block spins.
  const names = { V: "Machine, all temperatures (V)", H: "Machine, high temperatures (H)", L: "Machine, T = 0 (L)" };
  const kinds = [...new Set(run.machines.map((m) => m.training))]
    .map((training) => [names[training] || `Machine, ${training}`, run.machines.filter((m) => m.training === training)]);
  if (run.block) kinds.push(["Block spins, 2 × 2 majority", [run.block]]);

  // One side: what flows there, and its panels.
  const side = (name, first) => {
    const kind = make("select", { id: `player-${name}-kind`, "aria-label": `Flow on the ${name}` });
    kinds.forEach(([text], i) => kind.append(make("option", { value: String(i) }, text)));
    const hidden = make("input", { type: "range", id: `player-${name}-hidden`, min: "0", step: "1" });
    const shown = make("output", { for: `player-${name}-hidden` });
    const label = make("label", { class: "slider", for: `player-${name}-hidden` }, make("span", {}, "N", make("sub", {}, "h")), hidden, shown);
    const heading = make("h4", {}, make("span", { class: "at" }));
    const room = make("div");
    const about = make("p", { class: "about" });
    const box = make("div", { class: "flow", id: `player-${name}` },
      make("div", { class: "controls" }, kind, label), heading, room, about);
    const state = { box, parts: [], flow: null };
    const fill = () => {
      const { flow } = state;
      const line = trace(flow);
      const panels = flow.starts.map((_, start) => panel(flow, start));
      state.parts = [line, ...panels];
      room.replaceChildren(line.svg, ...panels.map((p) => p.box));
      label.hidden = flow.hidden === undefined;
      shown.textContent = String(flow.hidden);
      hidden.setAttribute("aria-valuetext", `${flow.hidden} hidden units`);
      about.replaceChildren(...marked(flow.settings ? `${flow.settings}.` : "Its own starts, on a larger lattice: each step halves L."));
    };
    const pick = () => {
      const own = kinds[Number(kind.value)][1];
      hidden.max = String(own.length - 1);
      state.flow = own[Math.min(Number(hidden.value), own.length - 1)];
      fill();
      frames();
    };
    kind.addEventListener("change", () => {
      // The machine of the same size, if this kind has one.
      const same = kinds[Number(kind.value)][1].findIndex((m) => m.hidden === state.flow.hidden);
      hidden.max = String(kinds[Number(kind.value)][1].length - 1);
      hidden.value = String(Math.max(same, 0));
      pick();
    });
    hidden.addEventListener("input", pick);
    state.start = () => {
      const at = Math.max(kinds.findIndex(([, own]) => own.includes(first)), 0);
      kind.value = String(at);
      hidden.max = String(kinds[at][1].length - 1);
      hidden.value = String(Math.max(kinds[at][1].indexOf(first), 0));
      pick();
    };
    state.show = (frame) => {
      for (const part of state.parts) part.show(frame);
      const { flow } = state;
      const k = Math.min(frame, flow.steps.length - 1);
      const size = flow.sizes ? `: ${flow.sizes[k]} × ${flow.sizes[k]} blocks` : "";
      heading.firstChild.textContent = `step ${flow.steps[k]}${frame > k ? ", the last" : ""}${size}`;
    };
    return state;
  };

  // A machine that ends near T_c beside the main one; the same starts on both sides.
  const main = run.machines.find((m) => m.name === run.main) || run.machines[0] || run.block;
  const end = (m) => (m.energy ? Math.abs(m.energy[m.steps.length - 1] - critical) : 9);
  const others = run.machines.filter((m) => m.training === main.training && m !== main);
  const near = others.sort((a, b) => end(a) - end(b))[0] || run.block || main;
  const sides = [side("left", near), side("right", main)];

  const play = make("button", { type: "button", id: "player-play" }, "Play");
  const slider = make("input", { type: "range", id: "player-step", min: "0", value: "0", step: "1" });
  const status = make("output", { id: "player-status", for: "player-step" });
  const stage = make("div", { class: "flows", tabindex: "0", role: "group",
    "aria-label": "Configurations. Space plays and pauses, the arrow keys go a step back and on." }, ...sides.map((s) => s.box));
  const bar = make("div", { class: "controls bar" }, play,
    make("label", { for: "player-step", class: "slider" }, "Step ", slider), status);
  const about = make("p", { class: "about" }, ...marked(
    "Bars: the network's distribution over all chains; ▼ marks T_{E}, the temperature of their mean energy; dashed: T_{c}. " +
    "Block spins are on other lattices than the network's, so T_{E} stands alone there."));
  place.append(bar, stage, about);

  let timer = 0;
  const show = () => {
    const frame = Number(slider.value);
    for (const each of sides) each.show(frame);
    const { steps } = sides.map((s) => s.flow).sort((a, b) => b.steps.length - a.steps.length)[0];
    const text = `${steps[Math.min(frame, steps.length - 1)]} of ${steps[steps.length - 1]}`;
    slider.setAttribute("aria-valuetext", `step ${text}`);
    status.textContent = text;
  };
  // As many frames as the longer flow has.
  const frames = () => {
    if (sides.some((s) => !s.flow)) return;
    slider.max = String(Math.max(...sides.map((s) => s.flow.steps.length)) - 1);
    show();
  };
  const stop = () => {
    window.clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    status.setAttribute("aria-live", "polite");
  };
  const move = (by) => {
    slider.value = String(Number(slider.value) + by);
    show();
  };
  const toggle = () => {
    if (timer) {
      stop();
      return;
    }
    if (Number(slider.value) >= Number(slider.max)) slider.value = "0";
    play.textContent = "Pause";
    // Nobody wants each step read aloud while it plays.
    status.setAttribute("aria-live", "off");
    show();
    timer = window.setInterval(() => {
      move(1);
      if (Number(slider.value) >= Number(slider.max)) stop();
    }, calm.matches ? 1500 : 400);
  };
  play.addEventListener("click", toggle);
  slider.addEventListener("input", () => { stop(); show(); });
  stage.addEventListener("keydown", (event) => {
    // The selects and sliders inside have keys of their own.
    if (event.target !== stage) return;
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -1e6, End: 1e6 }[event.key];
    if (event.key === " ") toggle();
    else if (step) { stop(); move(step); } else return;
    event.preventDefault();
  });
  for (const each of sides) each.start();
  stop();
  place.hidden = false;
})();
