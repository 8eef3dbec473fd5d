/*
 * Small comforts on top of pages that work without them: live word counts, a draft that saves itself,
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
  });

  /* A form that saves itself: <form data-autosave="address">, told by the element with data-saved. */
  each("form[data-autosave]", (form) => {
    const note = form.querySelector("[data-saved]");
    let waiting = null;
    let saving = null;
    let dirty = false;
    let stopped = false;

    const clock = (moment) => new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const save = async () => {
      clearTimeout(waiting);
      if (!dirty || saving || stopped) return;
      dirty = false;
      const body = new FormData(form);
      // Files go only with a button that adds them.
      for (const [name, value] of [...body.entries()]) if (value instanceof File) body.delete(name);
      body.set("do", "save");
      note.textContent = "Saving …";
      try {
        saving = fetch(form.dataset.autosave, {
          method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "error",
        });
        const answer = await saving;
        const result = await answer.json();
        if (answer.ok) {
          if (form.elements.revision && result.revision !== undefined) form.elements.revision.value = result.revision;
          note.textContent = `Saved at ${clock(result.saved_at)}`;
        } else {
          stopped = answer.status !== 429 && answer.status < 500;
          dirty = true;
          note.textContent = `Not saved: ${result.detail || "please press the save button."}`;
        }
      } catch {
        dirty = true;
        note.textContent = "Not saved: no connection. Your text is still here; we will try again.";
      } finally {
        saving = null;
        if (dirty && !stopped) waiting = setTimeout(save, 5000);
      }
    };
    form.addEventListener("input", (event) => {
      if (event.target.type === "file" || event.target.dataset.noSave !== undefined) return;
      dirty = true;
      note.textContent = "Not saved yet";
      clearTimeout(waiting);
      waiting = setTimeout(save, 1200);
    });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
    window.addEventListener("beforeunload", (event) => { if (dirty && !form.dataset.leaving) event.preventDefault(); });
    form.addEventListener("submit", (event) => {
      clearTimeout(waiting);
      form.dataset.leaving = "yes";
      if (!saving) { stopped = true; return; }
      // A save is on its way and will change the revision: wait for it, then send with the new one.
      event.preventDefault();
      const button = event.submitter;
      saving.catch(() => {}).finally(() => setTimeout(() => form.requestSubmit(button), 100));
    });
  });

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
