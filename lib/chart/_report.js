// The report's own script: draws its charts, and moves the divider between before and after.

const narrow = matchMedia("(max-width: 40rem)");

// A finger that moves over a chart moves the page; pictures have buttons to zoom and to pan.
const touch = matchMedia("(pointer: coarse)").matches;

// To Plotly, a pause is an animation that was rejected, without a reason.
Plotly.setPlotConfig({ logging: 0 });
addEventListener("unhandledrejection", (event) => {
  if (event.reason === undefined) event.preventDefault();
});

for (const element of document.querySelectorAll(".chart")) {
  const { narrowLayout, ...figure } = JSON.parse(element.nextElementSibling.textContent);
  const buttons = touch
    ? { modeBarButtons: [["zoomIn2d", "zoomOut2d", "pan2d", "resetScale2d"]] }
    : { modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };
  const config = {
    responsive: true,
    displaylogo: false,
    showSendToCloud: false,
    ...buttons,
    ...touch && { displayModeBar: figure.data.some(({ type }) => type === "image") },
  };
  const draw = () => {
    // Plotly writes into what it is given.
    const { layout, ...rest } = structuredClone(
      narrow.matches ? { ...figure, layout: narrowLayout } : figure,
    );
    if (touch) layout.dragmode = false;
    Plotly.newPlot(element, { ...rest, layout, config });
    element.on("plotly_sliderchange", tell);
    tell();
  };

  // Plotly's slider knows no keys: an input beside it follows it and moves it.
  const input = element.previousElementSibling;
  const tell = () => {
    if (!input?.matches(".steps")) return;
    const [{ active, steps, currentvalue }] = element.layout.sliders;
    input.value = active;
    input.setAttribute("aria-valuetext", currentvalue.prefix + steps[active].label);
  };
  input?.addEventListener("input", async () => {
    const active = Number(input.value);
    await Plotly.animate(element, ...element.layout.sliders[0].steps[active].args);
    // After a tap Plotly's slider may take itself for dragged still, and not follow.
    if (element.layout.sliders[0].active === active) return;
    await Plotly.relayout(element, { "sliders[0].active": active });
    tell();
  });
  draw();
  narrow.addEventListener("change", draw);
}

for (const comparison of document.querySelectorAll(".comparison")) {
  const divider = comparison.querySelector("input");
  const move = () => comparison.style.setProperty("--divider", `${divider.value}%`);
  divider.addEventListener("input", move);
  // Browsers keep the divider's place when the page is loaded again.
  move();
}
