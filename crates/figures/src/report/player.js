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

  // One start of one flow: its configurations, its scale of temperatures, its readings.
  const panel = (flow, start) => {
    const canvases = [];
    const chains = make("div", { class: `chains of${flow.chains}`, role: "img" });
    for (let c = 0; c < flow.chains; c += 1) {
      const canvas = make("canvas", { width: flow.size, height: flow.size });
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
      make("h5", {}, "from T = ", ...marked(flow.starts[start])),
      make("div", { class: "row" }, chains, make("div", { class: "side" }, scale, words)),
    );
    const highest = flow.classes ? Math.max(...flow.classes.filter((t) => t !== null)) : 6;
    const x = (t) => 8 + (204 * Math.min(t, highest)) / highest;
    const most = flow.posterior ? Math.max(...flow.posterior) : 1;
    return { box, show(frame) {
      const k = Math.min(frame, flow.steps.length - 1);
      const at = start * flow.steps.length + k;
      const spins = unpack(flow);
      const sites = flow.size * flow.size;
      canvases.forEach((canvas, c) => {
        const context = canvas.getContext("2d");
        const image = context.createImageData(flow.size, flow.size);
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

  const select = (id, label) => {
    const chooser = make("select", { id });
    return [chooser, make("label", { for: id }, ...marked(label), " ", chooser)];
  };
  const [type, typeLabel] = select("player-type", "Trained on");
  const [hidden, hiddenLabel] = select("player-hidden", "N_{h}");
  const play = make("button", { type: "button", id: "player-play" }, "Play");
  const slider = make("input", { type: "range", id: "player-step", min: "0", value: "0", step: "1" });
  const status = make("output", { id: "player-status", for: "player-step" });
  const about = make("p", { class: "about", id: "player-about" });
  const left = make("div", { class: "flow" });
  const right = make("div", { class: "flow" });
  const stage = make("div", { class: "flows", tabindex: "0", role: "group",
    "aria-label": "Configurations. Space plays and pauses, the arrow keys go a step back and on." }, left, right);
  const bar = make("div", { class: "controls" }, typeLabel, hiddenLabel, play,
    make("label", { for: "player-step", class: "slider" }, "Step ", slider), status);
  place.append(bar, stage, about);

  const names = { V: "all temperatures (V)", H: "high temperatures (H)", L: "T = 0 (L)" };
  const types = [...new Set(run.machines.map((m) => m.training))];
  for (const name of types) type.append(make("option", { value: name }, names[name] || name));
  let machine = run.machines.find((m) => m.name === run.main) || run.machines[0] || null;
  let panels = [];
  let blocks = [];
  let timer = 0;

  const frames = () => Math.max(...[machine, run.block].filter(Boolean).map((f) => f.steps.length));
  const show = () => {
    const frame = Number(slider.value);
    for (const each of [...panels, ...blocks]) each.show(frame);
    const steps = (machine || run.block).steps;
    const step = steps[Math.min(frame, steps.length - 1)];
    const text = `${step} of ${steps[steps.length - 1]}`;
    slider.setAttribute("aria-valuetext", `step ${text}`);
    status.textContent = text;
    const heading = right.querySelector(".at");
    if (heading) {
      const k = Math.min(frame, run.block.steps.length - 1);
      const end = k === run.block.steps.length - 1 && frame > k ? ", the last" : "";
      heading.textContent = `step ${run.block.steps[k]}${end}: ${run.block.sizes[k]} × ${run.block.sizes[k]} blocks`;
    }
    const own = left.querySelector(".at");
    if (own) own.textContent = `step ${step}`;
  };
  const fill = (parent, title, flow) => {
    const made = flow.starts.map((_, start) => panel(flow, start));
    parent.replaceChildren(make("h4", {}, title, " ", make("span", { class: "at" })), ...made.map((p) => p.box));
    return made;
  };
  const choose = () => {
    if (!machine) return;
    panels = fill(left, "Machine, v → h → v:", machine);
    about.replaceChildren(...marked(
      `${machine.settings}. Bars: the network's distribution over all chains; ▼ marks T_{E}, the temperature of their mean ` +
      "energy; dashed: T_{c}. Block spins are on other lattices than the network's, so T_{E} stands alone there.",
    ));
    slider.max = String(frames() - 1);
    show();
  };
  const sizes = () => {
    const own = run.machines.filter((m) => m.training === type.value);
    hidden.replaceChildren(...own.map((m) => make("option", { value: String(m.hidden) }, String(m.hidden))));
    const same = own.find((m) => machine && m.hidden === machine.hidden) || own.find((m) => m.name === run.main) || own[0];
    machine = same;
    hidden.value = String(same.hidden);
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
  type.addEventListener("change", () => { sizes(); choose(); });
  hidden.addEventListener("change", () => {
    machine = run.machines.find((m) => m.training === type.value && String(m.hidden) === hidden.value);
    choose();
  });
  stage.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -1e6, End: 1e6 }[event.key];
    if (event.key === " ") toggle();
    else if (step) { stop(); move(step); } else return;
    event.preventDefault();
  });

  if (run.block) blocks = fill(right, "Block spins, 2 × 2 majority:", run.block);
  else right.remove();
  if (machine) {
    type.value = machine.training;
    sizes();
    choose();
  } else {
    for (const each of [left, typeLabel, hiddenLabel]) each.remove();
    slider.max = String(frames() - 1);
    show();
  }
  stop();
  place.hidden = false;
})();
