// Figure 4 as it comes about: the squares at the moments of the training, one after another.
"use strict";
(() => {
  const { sweeps, sides } = JSON.parse(document.getElementById("frames").textContent);
  const squares = [...document.querySelectorAll("#figure4 svg")].map((svg) => [...svg.querySelectorAll("rect:not(.ground)")]);
  const meanings = [...document.querySelectorAll("#figure4 .meaning")];
  const button = document.getElementById("again"), told = document.getElementById("sweep");
  const STEP = 170; // milliseconds between two moments
  let timer = 0;
  function draw(moment) {
    squares.forEach((of, unit) => of.forEach((square, person) => {
      const side = sides[moment][unit][person], size = Math.abs(side);
      square.setAttribute("class", side > 0 ? "on" : "off");
      square.setAttribute("x", (person % 12) * 100 + 50 - size / 2);
      square.setAttribute("y", Math.floor(person / 12) * 100 + 50 - size / 2);
      square.setAttribute("width", size);
      square.setAttribute("height", size);
    }));
    told.textContent = `after ${sweeps[moment].toLocaleString("en")} sweeps`;
    for (const each of meanings) each.style.visibility = moment === sweeps.length - 1 ? "" : "hidden";
  }
  function play(moment) {
    clearTimeout(timer);
    draw(moment);
    if (moment < sweeps.length - 1) timer = setTimeout(play, moment ? STEP : 4 * STEP, moment + 1);
  }
  button.hidden = false;
  button.addEventListener("click", () => play(0));
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) play(0);
})();
