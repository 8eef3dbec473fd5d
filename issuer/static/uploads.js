/*
 * Evidence is added without leaving the page: files with progress and a way to stop them, links and texts at once.
 * What can be known before sending (size, kind) is said before sending, in the server's sentences.
 */
"use strict";

(() => {
  const form = document.querySelector("form[data-autosave][enctype]");
  const draft = window.badgewright.drafts?.find((each) => each.form === form);
  if (!form || !draft) return;
  const uploads = [];
  let busy = null;

  const inside = (name, key) => form.querySelector(`[${name}="${CSS.escape(key)}"]`);
  const field = (name) => form.elements[name];

  /* One file on its way, or waiting for those before it. */
  class Upload {
    constructor(key, file, about) {
      this.key = key;
      this.file = file;
      this.about = about;
      this.row = document.createElement("li");
      this.row.innerHTML = '<div class="upload-head"><strong></strong><span class="soft small" role="status"></span></div>'
        + '<progress max="1" value="0"></progress><p class="upload-says" role="alert"></p><div class="actions"></div>';
      this.row.querySelector("strong").textContent = file.name;
      this.bar = this.row.querySelector("progress");
      this.bar.setAttribute("aria-label", `Sending ${file.name}`);
      this.state = this.row.querySelector("[role=status]");
      // Signed in again: what was refused for that reason goes on.
      this.row.addEventListener("resume", () => { if (this.resume) { this.resume = false; this.wait(); } });
      const list = inside("data-uploads", key);
      list.hidden = false;
      list.append(this.row);
    }

    buttons(...wanted) {
      this.row.querySelector(".actions").replaceChildren(...wanted.map(([text, act]) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn btn-quiet btn-small";
        button.textContent = text;
        button.setAttribute("aria-label", `${text}: ${this.file.name}`);
        button.addEventListener("click", act);
        return button;
      }));
    }

    says(text) { this.row.querySelector(".upload-says").textContent = text; }

    wait() {
      this.says("");
      this.state.textContent = "Waiting";
      this.bar.hidden = false;
      this.bar.value = 0;
      this.buttons(["Cancel", () => this.cancel()]);
      uploads.push(this);
      next();
    }

    cancel() {
      this.cancelled = true;
      const place = uploads.indexOf(this);
      if (place >= 0) uploads.splice(place, 1);
      this.request?.abort();
      this.leave();
    }

    leave() {
      const list = this.row.parentElement;
      this.row.remove();
      if (list && list.children.length === 0) list.hidden = true;
      if (inside("data-add", this.key) && !inside("data-add", this.key).hidden) field(`file-${this.key}`)?.focus();
    }

    refuse(text, again) {
      this.bar.hidden = true;
      this.state.textContent = "Not added";
      this.says(text);
      this.buttons(...(again ? [["Try again", () => this.wait()]] : []), ["Dismiss", () => this.leave()]);
    }

    async send() {
      this.state.textContent = "Sending";
      const body = start(`add:${this.key}`);
      body.set(`file-${this.key}`, this.file);
      body.set(`about-${this.key}`, this.about);
      if (this.title) body.set(`title-${this.key}`, this.title);
      const answer = await post(body, (request) => { this.request = request; }, (done, all) => {
        this.bar.max = all;
        this.bar.value = done;
        this.state.textContent = done < all ? `${Math.floor((100 * done) / all)} %` : "Being checked";
      });
      this.request = null;
      if (this.cancelled) return;
      const { status, result } = answer;
      if (status === 200 && result.html !== undefined) {
        show(this.key, result);
        this.leave();
      } else if (status === 401 || result.code === "form_expired" || result.code === "other_account") {
        this.refuse("You are signed out. Once you are signed in again, it is sent by itself.", true);
        this.resume = true;
        draft.session.ask();
      } else if (status === 413 || (status === 0 && navigator.onLine !== false)) {
        // A proxy that finds a body too large often just hangs up.
        this.refuse(status === 413 && result.detail ? result.detail : "The connection was cut before the file had arrived. Either the"
          + " network failed, or the file is larger than this service lets through. Your text is not affected.", status === 0);
      } else {
        this.refuse(status === 0 ? "There is no connection. Your text is not affected." : result.detail || "It could not be added.",
          status === 0 || status >= 500 || status === 429);
      }
    }
  }

  const start = (what) => {
    const body = new FormData();
    for (const name of ["csrf_token", "written_by", "revision"]) body.set(name, field(name).value);
    body.set("do", what);
    return body;
  };

  /* fetch() does not say how far an upload is. */
  const post = (body, begun = () => {}, progress = () => {}) => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.autosave);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) progress(event.loaded, event.total); });
    request.addEventListener("loadend", () => {
      let result = {};
      try { result = JSON.parse(request.responseText); } catch { /* a proxy's own page */ }
      resolve({ status: request.status, result: result || {} });
    });
    begun(request);
    request.send(body);
  });

  const next = async () => {
    form.toggleAttribute("data-busy", uploads.length > 0 || busy !== null);
    if (busy || uploads.length === 0) return;
    busy = uploads.shift();
    form.setAttribute("data-busy", "yes");
    try { await busy.send(); } finally { busy = null; }
    next();
  };

  /* The artifact's list as it is now; ticks that are not saved yet stay. */
  const show = (key, { html, count, full, saved_at: savedAt }) => {
    const place = inside("data-evidence", key);
    const changed = (each) => each.checked !== (form.elements[each.name.replace(/^shared-/u, "shared-was-")]?.value === "yes");
    const ticks = new Map([...place.querySelectorAll("input[type=checkbox]")].filter(changed).map((each) => [each.id, each.checked]));
    const titles = new Map([...place.querySelectorAll("input[type=text]")].map((each) => [each.id, each.value]));
    place.innerHTML = html;
    draft.adopt(place);
    place.querySelectorAll("input[type=text]").forEach((each) => { if (titles.has(each.id)) each.value = titles.get(each.id); });
    place.querySelectorAll("input[type=checkbox]").forEach((each) => { if (ticks.has(each.id)) each.checked = ticks.get(each.id); });
    inside("data-added", key).textContent = count;
    inside("data-add", key).hidden = full;
    inside("data-full", key).hidden = !full;
    if (!draft.differs(true).length) draft.say(`Saved ${window.badgewright.moment(savedAt)}`);
  };

  /* What can be known of a file before it is sent; "" if nothing speaks against it. */
  const judge = (input, file) => {
    const rules = input.dataset;
    const extension = file.name.includes(".") ? file.name.split(".").pop().toLowerCase() : "";
    const kinds = JSON.parse(rules.kinds);
    if (file.size === 0) return rules.empty;
    if (file.size > Number(rules.maxBytes)) return rules.tooLarge;
    if (extension in kinds && !JSON.parse(rules.accepted).includes(extension)) {
      return rules.notAccepted.replace("{kind}", kinds[extension]);
    }
    // A name that says nothing is left to the server, which looks inside.
    if (extension !== "" && !(extension in kinds) && file.type !== "") return rules.forbidden;
    return "";
  };

  const take = (input, files) => {
    const key = input.dataset.artifact;
    const about = field(`about-${key}`);
    const title = field(`title-${key}`);
    for (const file of files) {
      const upload = new Upload(key, file, about.value);
      upload.title = title?.value;
      const problem = judge(input, file);
      if (problem) upload.refuse(problem, false);
      else upload.wait();
    }
    for (const each of [about, title]) if (each) draft.put(each.name, "");
    input.value = "";
    draft.keep();
  };

  const errorOf = (key, text) => {
    const add = inside("data-add", key);
    let place = add.querySelector(".field-error");
    if (!place) {
      place = document.createElement("p");
      place.className = "field-error";
      place.setAttribute("role", "alert");
      add.querySelector("summary").after(place);
    }
    place.textContent = text;
    place.hidden = text === "";
  };

  const failed = (key, { status, result }) => {
    if (status === 401 || result.code === "form_expired" || result.code === "other_account") draft.session.ask();
    const text = status === 0 ? "There is no connection. Please try again." : result.detail || "That did not work. Please try again.";
    if (inside("data-add", key)) errorOf(key, text);
    else draft.say(text);
  };

  const addWords = async (key) => {
    const names = ["link", "text", "name", "about", "title"].map((each) => `${each}-${key}`).filter((name) => field(name));
    const sent = Object.fromEntries(names.map((name) => [name, field(name).value]));
    const body = start(`add:${key}`);
    for (const name of names) body.set(name, sent[name]);
    const answer = await post(body);
    if (answer.result.html === undefined) { failed(key, answer); return; }
    errorOf(key, "");
    show(key, answer.result);
    for (const name of names) if (field(name).value === sent[name]) draft.put(name, "");
    draft.keep();
  };

  const remove = async (button) => {
    const key = button.closest("[data-evidence]").dataset.evidence;
    const answer = await post(start(button.value));
    if (answer.result.html === undefined) { failed(key, answer); return; }
    show(key, answer.result);
    inside("data-add", key).querySelector("summary").focus();
  };

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target !== form || !button) return;
    const [what, key] = button.value.split(/:(.*)/su);
    if (what !== "add" && what !== "remove") return;
    event.preventDefault();
    if (what === "remove") { remove(button); return; }
    const input = field(`file-${key}`);
    const given = ["link", "text"].some((each) => field(`${each}-${key}`)?.value.trim());
    if (input?.files.length && !given) take(input, [...input.files]);
    else if (input?.files.length) errorOf(key, "Please give one thing at a time.");
    else addWords(key);
  }, true);

  form.querySelectorAll("[data-drop-files]").forEach((place) => {
    const input = place.querySelector("input[type=file]");
    place.querySelectorAll("[data-scripted]").forEach((each) => { each.hidden = false; });
    const over = (event) => { event.preventDefault(); place.classList.add("drop-over"); };
    place.addEventListener("dragenter", over);
    place.addEventListener("dragover", over);
    place.addEventListener("dragleave", () => place.classList.remove("drop-over"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("drop-over");
      take(input, [...event.dataTransfer.files]);
    });
  });

  draft.session.back.push(() => {
    form.querySelectorAll(".uploads > li").forEach((row) => row.dispatchEvent(new CustomEvent("resume")));
  });
})();
