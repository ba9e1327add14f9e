"use strict";
// Shows the value nearest to the pointer, and offers each figure as SVG, PNG and CSV. Without script the page is complete.
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);

  const parse = (svg) => {
    const found = [];
    for (const part of svg.querySelectorAll("[data-points]")) {
      for (const point of part.dataset.points.split(";")) {
        const [px, py, x, y, error] = point.split(" ");
        if (error !== undefined) {
          const { name, unit, x: along, xUnit } = part.dataset;
          found.push({ name, unit, along, xUnit, px: Number(px), py: Number(py), x, y, error });
        }
      }
    }
    return found;
  };

  const say = (point, x, y) => {
    const error = { "0": "", "?": " (error unknown)" }[point.error] ?? ` ± ${point.error}`;
    tip.hidden = false;
    const words = [`${point.name}: ${point.y}${error}`, point.unit, "at", point.along, point.x, point.xUnit];
    tip.textContent = words.filter(Boolean).join(" ");
    tip.style.left = `${Math.max(4, Math.min(x + 14, window.innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${y + 40 > window.innerHeight ? y - 34 : y + 16}px`;
  };

  for (const figure of document.querySelectorAll("figure[id]")) {
    const svg = figure.querySelector(".picture svg");
    if (!svg) continue;
    let points = null;
    svg.addEventListener("pointermove", (event) => {
      points ??= parse(svg);
      const box = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / box.width;
      const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
      let best = null;
      let least = 18;
      for (const point of points) {
        const distance = Math.hypot(point.px - x, point.py - y);
        if (distance < least) [best, least] = [point, distance];
      }
      if (best === null) tip.hidden = true;
      else say(best, event.clientX, event.clientY);
    });
    svg.addEventListener("pointerleave", () => { tip.hidden = true; });

    // The same from the keyboard: the arrow keys go from point to point of a picture that has the focus.
    let current = -1;
    const region = svg.parentElement;
    region.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      points ??= parse(svg);
      if (!step || points.length === 0) return;
      event.preventDefault();
      current = (current + step + points.length) % points.length;
      const box = svg.getBoundingClientRect();
      const scale = box.width / svg.viewBox.baseVal.width;
      say(points[current], box.left + points[current].px * scale, box.top + points[current].py * scale);
    });
    region.addEventListener("blur", () => { tip.hidden = true; });

    const offer = (label, make) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.setAttribute("aria-label", `Download ${figure.id} as ${label}`);
      button.addEventListener("click", async () => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(await make());
        link.download = `${figure.id}.${label.toLowerCase()}`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      });
      bar.append(button);
    };
    const bar = document.createElement("div");
    bar.className = "downloads";
    const text = () => new XMLSerializer().serializeToString(svg);
    offer("SVG", async () => new Blob([text()], { type: "image/svg+xml" }));
    offer("PNG", async () => {
      const image = new Image();
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text())}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = 2 * svg.viewBox.baseVal.width;
      canvas.height = 2 * svg.viewBox.baseVal.height;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      return new Promise((done) => canvas.toBlob(done, "image/png"));
    });
    const csv = document.getElementById(`csv-${figure.id}`);
    if (csv) offer("CSV", async () => new Blob([csv.textContent.trim() + "\n"], { type: "text/csv" }));
    figure.querySelector("figcaption").append(bar);
  }
})();
