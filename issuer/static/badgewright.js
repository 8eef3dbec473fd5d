/*
 * Small comforts on top of pages that work without them: live word counts, times in the reader's own zone,
 * a place to drop a file, a button that copies a link. No library, nothing from elsewhere.
 */
"use strict";

(() => {
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  /* Word counts: <textarea data-count="id of the counter" data-min data-max> */
  const countWords = (area) => {
    const place = document.getElementById(area.dataset.count);
    const words = area.value.trim() === "" ? 0 : area.value.trim().split(/\s+/u).length;
    const least = Number(area.dataset.min || 0);
    const most = Number(area.dataset.max || 0);
    place.textContent = words === 1 ? "1 word" : `${words} words`;
    place.classList.toggle("count-off", (words > 0 && words < least) || (most > 0 && words > most));
  };
  each("textarea[data-count]", (area) => {
    countWords(area);
    area.addEventListener("input", () => countWords(area));
    area.addEventListener("restored", () => countWords(area));
  });

  /* Moments and days as the server writes them, in the reader's own zone: "21 November 2026, 23:05". */
  const MONTHS = ["January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December"];
  const two = (number) => String(number).padStart(2, "0");
  const day = (at) => `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
  const moment = (text) => { const at = new Date(text); return `${day(at)}, ${two(at.getHours())}:${two(at.getMinutes())}`; };
  // Only full moments: a day alone ("2026-11-21") is the same everywhere.
  each("time[datetime*='T']", (time) => {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) return;
    time.title = time.textContent;
    time.textContent = time.dataset.day === undefined ? moment(time.dateTime) : day(at);
  });
  window.badgewright = { moment };

  /* A place to drop a file: <div data-drop="id of the file input"> */
  each("[data-drop]", (place) => {
    const input = document.getElementById(place.dataset.drop);
    const over = (event) => { event.preventDefault(); place.classList.add("drop-over"); };
    place.addEventListener("dragenter", over);
    place.addEventListener("dragover", over);
    place.addEventListener("dragleave", () => place.classList.remove("drop-over"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("drop-over");
      if (event.dataTransfer.files.length === 0) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.form.requestSubmit();
    });
  });

  /* The bar at the foot of a long form never covers the field that has the focus, however high the bar is. */
  each(".toolbar", (bar) => {
    const uncover = () => {
      const field = document.activeElement;
      if (!field.form || bar.contains(field)) return;
      const [place, over] = [field.getBoundingClientRect(), bar.getBoundingClientRect()];
      if (place.bottom > over.top && place.top < over.bottom) field.scrollIntoView({ block: "nearest" });
    };
    new ResizeObserver(() => {
      document.documentElement.style.setProperty("--bar-height", `${bar.offsetHeight}px`);
      uncover();
    }).observe(bar);
    // Into a textarea the browser scrolls no further than to the caret.
    document.addEventListener("keyup", (event) => { if (event.key === "Tab") uncover(); });
  });

  /* Copy: <button hidden data-copy="text">; shown only where the browser can. */
  each("[data-copy]", (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    const words = button.textContent;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Could not copy";
      }
      setTimeout(() => { button.textContent = words; }, 2500);
    });
  });

  /* Print: <button hidden data-print> */
  each("[data-print]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  /* A page that waits for something looks again by itself: <div data-again="seconds"> */
  each("[data-again]", (place) => { setTimeout(() => location.reload(), Number(place.dataset.again) * 1000); });

  /* What went wrong comes first. */
  document.getElementById("faults")?.focus();
})();
