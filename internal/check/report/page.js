
"use strict";
// Filtering and copying. Without it the page shows all cases.
const filter = document.querySelector(".filter");
const buttons = [...filter.querySelectorAll("button")];
const cases = [...document.querySelectorAll(".case")];

function apply() {
  const on = new Set(buttons.filter(b => b.ariaPressed === "true").map(b => b.dataset.outcome));
  for (const c of cases) c.hidden = !on.has(c.dataset.outcome);
  for (const s of document.querySelectorAll(".of-story")) s.hidden = !s.querySelector(".case:not([hidden])");
  document.querySelector(".nothing").hidden = cases.some(c => !c.hidden);
}

function show(outcome, shown) {
  for (const b of buttons) if (b.dataset.outcome === outcome) b.ariaPressed = String(shown);
}

// What a link leads to is shown, whatever the filter says.
function follow() {
  const to = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!to) return;
  const hidden = to.matches(".case") ? [to] : to.matches(".of-story[hidden]") ? [...to.querySelectorAll(".case")] : [];
  for (const c of hidden) show(c.dataset.outcome, true);
  apply();
  if (to.matches("details")) to.open = true;
  to.scrollIntoView();
}

filter.hidden = buttons.length < 2;
if (cases.some(c => !c.matches(".pass, .chose"))) show("pass", false);
for (const b of buttons) b.addEventListener("click", () => { show(b.dataset.outcome, b.ariaPressed !== "true"); apply(); });
apply();
addEventListener("hashchange", follow);
if (location.hash) follow();

if (navigator.clipboard) for (const t of document.querySelectorAll(".try")) {
  const b = document.createElement("button");
  b.type = "button";
  b.textContent = "Copy";
  b.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(t.querySelector("code").textContent);
      b.textContent = "Copied";
    } catch {
      b.textContent = "Select it";
    }
    setTimeout(() => { b.textContent = "Copy"; }, 1500);
  });
  t.append(b);
}
