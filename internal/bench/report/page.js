
"use strict";
// What is pointed at in a chart is told above it, at once and on a touch screen
// too. Without it the browser shows the same after a moment.
for (const chart of document.querySelectorAll(".chart")) {
  const readout = chart.querySelector(".readout");
  if (!readout) continue;
  for (const rect of chart.querySelectorAll(".stop rect")) {
    const title = rect.querySelector("title");
    const words = title.textContent;
    rect.addEventListener("pointerenter", () => { title.textContent = ""; readout.textContent = words; });
    rect.addEventListener("pointerleave", () => { title.textContent = words; readout.textContent = ""; });
  }
}
