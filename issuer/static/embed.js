/*
 * The "Verified" badge for other sites:
 *
 *   <script src="https://badges.example.org/embed.js" data-credential="NUMBER" async></script>
 *
 * Puts a frame in the place of the script, or of the link right before it. The frame asks the issuing service what the
 * credential's status is now. No cookies, no tracking, nothing read from the page.
 */
"use strict";

(() => {
  const script = document.currentScript;
  if (!script) return;
  // The number alone, or the credential's whole address on this very service.
  const number = (script.dataset.credential || "").split(/[?#]/)[0].replace(/\/+$/, "").split("/").pop();
  if (!/^[A-Za-z0-9_-]{8,100}$/.test(number)) return;
  const address = new URL(`embed/${number}`, script.src).href;

  const frame = document.createElement("iframe");
  frame.src = address;
  frame.title = "Verified badge";
  frame.loading = "lazy";
  frame.referrerPolicy = "no-referrer";
  frame.width = script.dataset.width || "340";
  frame.height = "104";
  // Links open a page of their own; nothing else is allowed, scripts neither.
  frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  frame.style.cssText = "border:0;max-width:100%;color-scheme:light dark;background:transparent";

  // The shadow root keeps the site's own rules for frames and links away from it.
  const place = document.createElement("span");
  place.style.display = "inline-block";
  place.style.maxWidth = "100%";
  place.attachShadow({ mode: "closed" }).append(frame);

  const link = script.previousElementSibling;
  const stands = link && link.tagName === "A" && link.href.split(/[?#]/)[0].endsWith(`/credentials/${number}`);
  if (stands) link.replaceWith(place);
  else script.before(place);
})();
