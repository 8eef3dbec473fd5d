/*
 * A form that saves itself, and keeps what is not saved yet in this browser:
 * <form data-autosave="address" data-account data-page data-session>.
 *
 * Text belongs to one account. It is stored under that account's key, sent only while that account is signed in, and
 * removed from the browser as soon as the server has it.
 */
"use strict";

(() => {
  const { PREFIX, Session, keyOf, putSent, restored, showShared, store, takeSent } = window.badgewright.unsaved;
  const PAUSE = 1200;
  const RETRY = 5000;
  const LONGEST_RETRY = 60000;

  class Draft {
    constructor(form) {
      this.form = form;
      this.key = keyOf(form);
      this.note = form.querySelector("[data-saved]");
      this.session = new Session(form);
      this.session.back.push(() => this.save());
      this.waiting = null;
      this.saving = null;
      this.retry = RETRY;
      this.held = false; // refused for what it says: tried again when that changes
      this.over = false; // cannot be saved any more, or the form itself is on its way
      this.refusals = 0;
      this.ticks = false;
      this.unkept = false;
      this.server = this.values((each) => each.type === "radio" ? each.defaultChecked : each.defaultValue);
      this.choices();
      this.restore();
      this.unsaved = form.dataset.unsaved !== undefined;
      if (this.unsaved && !this.undecided()) this.server = { ...this.server, ...this.empty() };
      form.addEventListener("input", (event) => this.changed(event.target));
      form.addEventListener("change", (event) => { if (event.target.matches("[name^='resolve-']")) this.decide(event.target); });
      form.addEventListener("submit", (event) => this.submit(event));
      document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") this.save(true); });
      window.addEventListener("online", () => this.save());
      // Back to a page that the browser had put aside: its form was sent, its token may be old.
      window.addEventListener("pageshow", (event) => { if (event.persisted) { this.over = false; this.session.ask(); } });
      window.addEventListener("beforeunload", (event) => {
        if ((this.differs().length && this.unkept && !this.over) || form.dataset.busy) event.preventDefault();
      });
      if (this.differs(true).length) this.later(0);
    }

    /* Named fields that hold text or a choice; `read` says what is in one. */
    values(read = (each) => each.type === "radio" ? each.checked : each.value) {
      const found = {};
      for (const each of this.form.elements) {
        if (!each.name || each.dataset.noKeep !== undefined) continue;
        if (each.type === "radio") {
          if (!(each.name in found)) found[each.name] = "";
          if (read(each)) found[each.name] = each.value;
        } else if (each.matches("textarea, input[type=text], input[type=url]")) {
          found[each.name] = read(each).replace(/\r\n?/gu, "\n");
        }
      }
      return found;
    }

    /* What came back from a form that was never saved counts as not saved, whatever the page says. */
    empty() {
      return Object.fromEntries(Object.keys(this.server).filter((name) => this.goes(name)).map((name) => [name, null]));
    }

    fields(name) { return [...this.form.elements].filter((each) => each.name === name); }

    /* The server keeps it with the draft, without a button. */
    goes(name) { return this.fields(name).every((each) => each.dataset.noSave === undefined); }

    put(name, text) {
      for (const each of this.fields(name)) {
        if (each.type === "radio") each.checked = each.value === text;
        else {
          each.value = text;
          const details = each.closest("details");
          if (details && text !== "") details.open = true;
        }
        each.dispatchEvent(new CustomEvent("restored", { bubbles: true }));
      }
    }

    /* Names whose text the server does not have; `saved`: only of those that go with the draft. */
    differs(saved = false) {
      const now = this.values();
      return Object.keys(now).filter((name) => now[name] !== (this.server[name] ?? null) && (!saved || this.goes(name)));
    }

    restore() {
      const kept = store.read(this.key);
      const now = this.values();
      let back = false;
      this.sent(kept);
      for (const [name, { text, base }] of Object.entries(kept)) {
        if (!(name in now) || text === now[name]) continue;
        const server = this.server[name];
        this.put(name, text);
        back = true;
        if (server !== base && server !== text) this.ask(name, server);
      }
      if (back) restored.show();
      this.keep();
    }

    /* The last form sent from this tab arrived, unless the page says otherwise: what it held is not lost text. */
    sent(kept) {
      const taken = takeSent(this.form.dataset.page);
      if (document.getElementById("faults") || this.form.dataset.unsaved !== undefined) return;
      for (const [name, text] of Object.entries(taken)) if (kept[name]?.text === text) delete kept[name];
      store.write(this.key, kept);
    }

    /* Fields that came after the page: what they hold is what the server has. */
    adopt(place) {
      for (const each of place.querySelectorAll("input[type=text]")) {
        if (!(each.name in this.server)) this.server[each.name] = each.defaultValue;
      }
    }

    /* Write down what the server does not have. Only this window's own names: another may have the page open, too. */
    keep() {
      const now = this.values();
      const fields = store.read(this.key);
      for (const name of Object.keys(now)) {
        if (now[name] !== this.server[name]) fields[name] = { text: now[name], base: this.server[name] ?? "" };
        else if (fields[name]?.text === now[name] || this.mine?.has(name)) delete fields[name];
      }
      this.mine = new Set(Object.keys(now).filter((name) => now[name] !== this.server[name]));
      this.unkept = store.shared || !store.write(this.key, fields);
    }

    changed(field) {
      if (field.type === "file" || field.name.startsWith("resolve-")) return;
      restored.hide();
      if (field.type === "checkbox") {
        if (field.dataset.noSave !== undefined) return;
        this.ticks = true;
      }
      this.held = false;
      this.keep();
      this.mirror(field);
      if (field.dataset.noSave !== undefined) return;
      this.say("Not saved yet");
      this.later(PAUSE);
    }

    later(pause) {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.save(), pause);
    }

    say(text) { if (this.note) this.note.textContent = text; }

    where() { return this.unkept ? "Your text is still on this page" : "Your text is kept in this browser"; }

    async save(leaving = false) {
      clearTimeout(this.waiting);
      if (this.saving) return this.saving;
      if (this.held || this.over || this.session.away || this.undecided()) return null;
      if (!this.ticks && !this.differs(true).length) return null;
      this.saving = this.send(leaving).finally(() => { this.saving = null; });
      return this.saving;
    }

    async send(leaving) {
      const sent = this.values();
      const body = new FormData(this.form);
      // Files go only with a button that adds them.
      for (const [name, value] of [...body.entries()]) if (value instanceof File) body.delete(name);
      body.set("do", "save");
      const ticks = this.ticks;
      this.ticks = false;
      this.say("Saving …");
      let answer = null;
      let result = {};
      try {
        // A page that is being left may still send a little.
        const small = Object.values(sent).join("").length < 20000;
        answer = await fetch(this.form.dataset.autosave, {
          method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "error",
          keepalive: leaving && small,
        });
        result = await answer.json();
      } catch { /* judged below */ }
      if (answer?.ok && result.saved_at) this.done(sent, result, body);
      else {
        this.ticks ||= ticks;
        await this.refused(answer, result);
      }
    }

    done(sent, result, body) {
      this.refusals = 0;
      this.retry = RETRY;
      if (this.form.elements.revision && result.revision !== undefined) this.form.elements.revision.value = result.revision;
      for (const [name, text] of Object.entries(sent)) {
        if (!this.goes(name)) continue;
        this.server[name] = text;
        const was = this.form.elements[name.replace(/^title-of-/u, "title-was-")];
        if (was?.type === "hidden") was.value = text;
      }
      showShared(this.form, result.shared ?? {}, body);
      this.keep();
      this.say(`Saved ${window.badgewright.moment(result.saved_at)}`);
      if (this.ticks || this.differs(true).length) this.later(PAUSE);
    }

    async refused(answer, result) {
      if (answer === null || answer.status === 429 || answer.status >= 500) {
        this.say(`Not saved: ${answer === null ? "no connection" : "the server is busy"}. ${this.where()}; we will try again.`);
        this.later(this.retry);
        this.retry = Math.min(this.retry * 2, LONGEST_RETRY);
      } else if (answer.status === 401 || result.code === "form_expired" || result.code === "other_account") {
        this.refusals += 1;
        this.say(`Not saved. ${this.where()}.`);
        // The token may be old while the account is the same: then it goes on at once, but not round and round.
        if (this.refusals < 3) setTimeout(() => this.session.ask(), 0);
        else this.later(LONGEST_RETRY);
      } else if (result.fields) {
        this.compare(result);
      } else if (answer.status === 413) {
        this.held = true;
        this.say(`Not saved: this is more text than can be sent at once. ${this.where()}.`);
      } else {
        this.held = answer.status === 422;
        this.over = !this.held;
        this.say(`Not saved: ${result.detail || "please press the save button."} ${this.where()}.`);
      }
    }

    /* Saved in another window meanwhile. What only one side changed is taken; where both did, the person chooses. */
    compare({ fields, revision }) {
      const now = this.values();
      this.form.elements.revision.value = revision;
      for (const [name, { theirs }] of Object.entries(fields)) {
        const untouched = now[name] === this.server[name];
        if (theirs !== this.server[name]) {
          if (untouched) this.put(name, theirs);
          else if (now[name] !== theirs) this.ask(name, theirs);
        }
        this.server[name] = theirs;
      }
      this.keep();
      if (this.undecided()) this.say("Changed in another window. Please choose which text to keep.");
      else this.later(0);
    }

    /* Show both texts of one field, side by side. */
    ask(name, theirs) {
      this.form.querySelector(`[data-version-of="${CSS.escape(name)}"]`)?.remove();
      const place = document.querySelector("template[data-versions]").content.firstElementChild.cloneNode(true);
      const field = this.fields(name)[0];
      place.dataset.versionOf = name;
      place.setAttribute("role", "alert");
      place.querySelectorAll("[type=radio]").forEach((each) => { each.name = `resolve-${name}`; });
      const saved = place.querySelector("[type=hidden]");
      saved.name = `saved-${name}`;
      saved.value = theirs;
      if (field.type === "radio") place.querySelector("[value=both]").closest("label").remove();
      place.querySelector("[data-mine]").textContent = this.readable(name, this.values()[name]);
      place.querySelector("[data-theirs]").textContent = this.readable(name, theirs);
      (field.type === "radio" ? field.closest("fieldset") : field).after(place);
      place.scrollIntoView({ block: "nearest" });
    }

    readable(name, value) {
      const chosen = this.fields(name).find((each) => each.type === "radio" && each.value === value);
      return (chosen ? chosen.closest("label").querySelector("strong").textContent.trim() : value) || "Nothing.";
    }

    /* "Yours" follows the typing. */
    mirror(field) {
      const place = this.form.querySelector(`[data-version-of="${CSS.escape(field.name)}"] [data-mine]`);
      if (place) place.textContent = this.readable(field.name, this.values()[field.name]);
    }

    undecided() { return this.form.querySelector("[data-version-of]") !== null; }

    /* A page that came with two versions: the server has the second of them. */
    choices() {
      this.form.querySelectorAll("[data-version-of]").forEach((place) => {
        this.server[place.dataset.versionOf] = place.querySelector("[type=hidden]").value;
      });
    }

    decide(radio) {
      const place = radio.closest("[data-version-of]");
      const name = place.dataset.versionOf;
      const mine = this.values()[name];
      const saved = place.querySelector("[type=hidden]").value;
      if (radio.value === "saved") this.put(name, saved);
      if (radio.value === "both") this.put(name, [mine.trimEnd(), saved.trimEnd()].filter(Boolean).join("\n\n"));
      place.remove();
      this.fields(name)[0].focus();
      this.keep();
      if (!this.undecided()) this.later(0);
    }

    submit(event) {
      if (event.defaultPrevented || this.form.dataset.busy) {
        if (!event.defaultPrevented) {
          event.preventDefault();
          this.say("A file is still being sent. Please wait for it, or cancel it.");
        }
        return;
      }
      clearTimeout(this.waiting);
      if (navigator.onLine === false) {
        event.preventDefault();
        this.say(`No connection. ${this.where()}; please try again when you are online.`);
        return;
      }
      if (this.session.away) {
        event.preventDefault();
        this.session.ask();
        return;
      }
      if (this.saving) {
        // A save is on its way and will change the revision: wait for it, then send with the new one.
        event.preventDefault();
        const button = event.submitter;
        this.saving.catch(() => {}).finally(() => setTimeout(() => this.form.requestSubmit(button), 0));
        return;
      }
      this.over = true;
      putSent(this.form.dataset.page, this.values());
    }
  }

  /* Text that no field of this page can take any more: shown, so that it can be copied. */
  const leftOver = (place) => {
    const key = keyOf(place);
    const form = document.querySelector("form[data-autosave]");
    const fields = store.read(key);
    if (!form) {
      for (const [name, text] of Object.entries(takeSent(place.dataset.page))) if (fields[name]?.text === text) delete fields[name];
      store.write(key, fields);
    }
    const lost = Object.entries(fields).filter(([name, { text }]) => text.trim() !== "" && !(form && form.elements[name])
      && !/^(?:level|name)-/u.test(name));
    if (lost.length === 0) return;
    for (const [, { text }] of lost) {
      const area = document.createElement("textarea");
      area.readOnly = true;
      area.value = text;
      area.setAttribute("aria-label", "Text that was not saved");
      place.append(area);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-quiet btn-small";
    button.textContent = "Remove it from this browser";
    button.addEventListener("click", () => {
      const rest = store.read(key);
      for (const [name] of lost) delete rest[name];
      store.write(key, rest);
      place.hidden = true;
    });
    place.append(button);
    place.hidden = false;
  };

  store.tidy();
  const drafts = [...document.querySelectorAll("form[data-autosave]")].map((form) => new Draft(form));
  document.querySelectorAll("[data-leftover]").forEach(leftOver);

  document.querySelectorAll("[data-shared]").forEach((place) => {
    const box = place.querySelector("input");
    place.hidden = false;
    box.checked = store.shared;
    box.addEventListener("change", () => {
      store.shared = box.checked;
      const form = place.closest("form");
      if (box.checked) store.forget(`${PREFIX}${form.dataset.account}:`);
      drafts.forEach((draft) => draft.keep());
    });
  });

  /* Signing out waits for what is not saved yet. */
  document.querySelectorAll("form[data-sign-out]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (!drafts.some((draft) => draft.differs(true).length)) return;
      event.preventDefault();
      const saved = Promise.all(drafts.map((draft) => draft.save()));
      const enough = new Promise((resolve) => { setTimeout(resolve, 4000); });
      Promise.race([saved, enough]).finally(() => form.submit());
    });
  });

  window.badgewright.drafts = drafts;
})();
