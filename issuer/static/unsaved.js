/*
 * What this browser has of texts that are not saved yet, and whose session it has: for drafts.js.
 *
 * Text belongs to one account. It is stored under that account's key, and nothing of another account is ever read.
 */
"use strict";

(() => {
  const PREFIX = "badgewright.draft:";
  const SHARED = "badgewright.shared-computer";
  const OLDEST = 30 * 24 * 60 * 60 * 1000;

  /* What this browser has of one account's text on one page: {at, fields: {name: {text, base}}}. `base` is what the
     server had when the typing began. */
  const store = {
    get shared() {
      try { return localStorage.getItem(SHARED) === "yes"; } catch { return true; }
    },
    set shared(value) {
      try {
        if (value) localStorage.setItem(SHARED, "yes");
        else localStorage.removeItem(SHARED);
      } catch { /* without storage there is nothing to keep */ }
    },
    keys() {
      try { return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)); } catch { return []; }
    },
    read(key) {
      try { return JSON.parse(localStorage.getItem(key))?.fields || {}; } catch { return {}; }
    },
    write(key, fields) {
      try {
        if (Object.keys(fields).length === 0) localStorage.removeItem(key);
        else localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields }));
        return true;
      } catch {
        return false;
      }
    },
    forget(prefix) {
      for (const key of store.keys()) if (key.startsWith(prefix)) localStorage.removeItem(key);
    },
    tidy() {
      for (const key of store.keys()) {
        let at = 0;
        try { at = JSON.parse(localStorage.getItem(key)).at; } catch { /* not ours to read: goes */ }
        if (!(at > Date.now() - OLDEST)) localStorage.removeItem(key);
      }
    },
  };
  const keyOf = (element) => `${PREFIX}${element.dataset.account}:${element.dataset.page}`;

  /* Whose session this browser has now. Asked when a save was refused, and until the same account is back. */
  class Session {
    constructor(form) {
      this.form = form;
      this.away = false;
      this.waiting = null;
      this.back = [];
      const look = () => { if (this.away && document.visibilityState === "visible") this.ask(); };
      document.addEventListener("visibilitychange", look);
      window.addEventListener("focus", look);
    }

    async ask() {
      clearTimeout(this.waiting);
      let found = null;
      try {
        const answer = await fetch(this.form.dataset.session, {
          headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store",
        });
        if (answer.ok) found = await answer.json();
      } catch { /* no connection: asked again below */ }
      const mine = found !== null && found.account === this.form.dataset.account;
      if (found !== null) {
        this.away = !mine;
        document.querySelectorAll("[data-signed-out]").forEach((panel) => { panel.hidden = mine || found.account !== ""; });
        document.querySelectorAll("[data-other-account]").forEach((panel) => { panel.hidden = mine || found.account === ""; });
      }
      if (mine) {
        document.querySelectorAll("input[name=csrf_token]").forEach((input) => { input.value = found.csrf_token; });
        this.back.forEach((act) => act());
      } else {
        this.waiting = setTimeout(() => this.ask(), 3000);
      }
      return mine;
    }
  }

  /* Between two pages of one tab: the texts of the form that was sent. */
  const putSent = (page, values) => {
    if (store.shared) return;
    try { sessionStorage.setItem(`badgewright.sent:${page}`, JSON.stringify(values)); } catch { /* only a comfort */ }
  };
  const takeSent = (page) => {
    try {
      const found = JSON.parse(sessionStorage.getItem(`badgewright.sent:${page}`)) || {};
      sessionStorage.removeItem(`badgewright.sent:${page}`);
      return found;
    } catch {
      return {};
    }
  };

  /* Ticks as the server has them, but for those that were changed since `body` was sent. */
  const showShared = (form, pieces, body) => {
    for (const [number, shared] of Object.entries(pieces)) {
      const { [`shared-${number}`]: box, [`shared-was-${number}`]: was } = form.elements;
      if (!was) continue;
      if (box.checked === body.has(`shared-${number}`)) box.checked = shared;
      was.value = shared ? "yes" : "no";
    }
  };

  /* "Your text is back": read once, it goes with the next thing typed or with its own button. */
  const restored = {
    panels: [...document.querySelectorAll("[data-restored]")],
    show() { restored.panels.forEach((panel) => { panel.hidden = false; }); },
    hide() { restored.panels.forEach((panel) => { panel.hidden = true; }); },
  };
  document.querySelectorAll("[data-restored] [data-close]").forEach((button) => {
    button.addEventListener("click", () => {
      restored.hide();
      button.closest("form")?.querySelector("textarea:not([readonly])")?.focus({ preventScroll: true });
    });
  });

  window.badgewright.unsaved = { PREFIX, Session, keyOf, putSent, restored, showShared, store, takeSent };
})();
