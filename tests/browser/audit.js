// What can be measured of a page's accessibility: a list of complaints.
(() => {
  const wrong = [];
  const parse = (text) => {
    const found = text.match(/[\d.]+/g);
    return found ? found.map(Number) : [0, 0, 0, 0];
  };
  const luminance = ([r, g, b]) => {
    const channel = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  // Contrast of texts: 4.5 to 1 (WCAG 2, AA). Texts in pictures stand on the paper of the page.
  let least = 99;
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || seen.has(element) || element.closest("script, style, title, desc, option")) continue;
    seen.add(element);
    if (!element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const svg = element.closest("svg");
    const ratio = contrast(parse(svg ? style.fill : style.color), ground(svg ? svg.parentElement : element));
    least = Math.min(least, ratio);
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${(element.closest("figure") || {}).id || ""} ${walker.currentNode.textContent.trim().slice(0, 50)}`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (!heading.getClientRects().length) continue;
    const next = Number(heading.tagName[1]);
    if (next > level + 1) wrong.push(`heading ${heading.tagName} after H${level}: ${heading.textContent}`);
    level = next;
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) wrong.push(`id ${id} is there twice`);
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    if (!document.getElementById(link.getAttribute("href").slice(1))) wrong.push(`link to nothing: ${link.getAttribute("href")}`);
  }
  for (const svg of document.querySelectorAll("svg:not([aria-hidden])")) {
    const text = svg.querySelector("desc") ? svg.querySelector("desc").textContent : "";
    if (!svg.querySelector("title") || text.length < 20) wrong.push(`a picture without words: ${svg.closest("[id]").id}`);
  }
  for (const control of document.querySelectorAll("button, select, input, [tabindex]")) {
    const name = control.getAttribute("aria-label") || control.textContent.trim() || [...(control.labels || [])].map((l) => l.textContent).join("");
    if (!name.trim()) wrong.push(`a control without a name: ${control.outerHTML.slice(0, 80)}`);
  }
  if (document.documentElement.scrollWidth > window.innerWidth) {
    wrong.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${window.innerWidth}`);
  }
  return { wrong, least };
})()
