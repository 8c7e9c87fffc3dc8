// Draws the Mermaid blocks of a page with the copy that lies beside this file, again when the colours change.
(() => {
  const READABLE = 720; // px; a narrower screen scrolls the drawing sideways
  const blocks = [...document.querySelectorAll("pre.drawing")].map((pre) => {
    const place = document.createElement("div");
    place.className = "drawing";
    const text = pre.textContent;
    pre.replaceWith(place);
    return { place, text };
  });

  const draw = async () => {
    const dark = document.body.dataset.mdColorScheme === "slate";
    const fontFamily = getComputedStyle(document.body).fontFamily;
    mermaid.initialize({ startOnLoad: false, theme: dark ? "dark" : "neutral", fontFamily });
    for (const [number, { place, text }] of blocks.entries()) {
      const { svg } = await mermaid.render(`drawing-${number}`, text);
      place.innerHTML = svg;
      const drawn = place.firstElementChild;
      drawn.style.minWidth = `${Math.min(READABLE, drawn.viewBox.baseVal.width)}px`;
    }
  };

  draw();
  new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
})();
