/*
 * The verify page: a QR code read with the camera, the report as a file, everything explained at once.
 * Pictures of the camera never leave the browser; only what the code says is sent, as if it had been pasted.
 */
"use strict";

(() => {
  const scan = document.querySelector("[data-scan]");
  const room = document.querySelector("[data-camera]");

  /* Where the browser can read codes itself it does; elsewhere jsQR, which is fetched only then. */
  const makeReader = async () => {
    if ("BarcodeDetector" in window && (await window.BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
      const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      return async (video) => (await detector.detect(video))[0]?.rawValue;
    }
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = scan.dataset.scan;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    return async (video) => {
      // A code that fills a quarter of the picture is still sharp enough at this size.
      const scale = Math.min(1, 800 / Math.max(video.videoWidth, video.videoHeight));
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      return window.jsQR(pen.getImageData(0, 0, canvas.width, canvas.height).data, canvas.width, canvas.height)?.data;
    };
  };

  if (scan && navigator.mediaDevices?.getUserMedia) {
    const video = room.querySelector("video");
    const says = room.querySelector("[data-camera-says]");
    const end = room.querySelector("[data-camera-stop]");
    const form = document.querySelector("[data-verify]");
    let stream = null;

    const stop = () => {
      stream?.getTracks().forEach((track) => track.stop());
      stream = null;
      video.srcObject = null;
    };
    const close = () => {
      stop();
      room.hidden = true;
      scan.focus();
    };
    const look = async (read) => {
      while (stream) {
        let text = "";
        try {
          text = video.videoWidth ? await read(video) : "";
        } catch {
          text = ""; // one picture that cannot be read; the next may be
        }
        if (text && stream) {
          stop();
          says.textContent = "A code was found. It is being verified …";
          form.elements.text.value = text;
          form.elements.file.value = "";
          form.requestSubmit();
          return;
        }
        await new Promise((resolve) => { setTimeout(resolve, 150); });
      }
    };

    scan.hidden = false;
    end.addEventListener("click", close);
    window.addEventListener("pagehide", stop);
    scan.addEventListener("click", async () => {
      if (stream) return;
      room.hidden = video.hidden = end.hidden = false;
      says.textContent = "Hold the QR code in front of the camera.";
      try {
        stream = await navigator.mediaDevices.getUserMedia({
          audio: false, video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
        });
        video.srcObject = stream;
        await video.play();
        await look(await makeReader());
      } catch {
        stop();
        // An empty picture and a button with nothing to stop would push the way on below the screen.
        video.hidden = end.hidden = true;
        says.textContent = "The camera cannot be used here. Take a photo of the code and choose it as a file instead.";
        room.scrollIntoView({ block: "nearest" });
      }
    });
  }

  /* An address is one line: the Enter key sends it, as in any field of one line. */
  const text = document.querySelector("[data-verify] textarea");
  text?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !/^\s*https?:\/\/\S+\s*$/iu.test(text.value)) return;
    event.preventDefault();
    text.form.requestSubmit();
  });

  const button = document.querySelector("[data-report]");
  const report = document.getElementById("report");
  if (button && report) {
    button.hidden = false;
    document.querySelectorAll("[data-report-link]").forEach((link) => { link.hidden = true; });
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([report.content.textContent], { type: "application/json" }));
      link.download = button.dataset.report;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  }

  const everything = document.querySelector("[data-explain-all]");
  if (everything) {
    everything.hidden = false;
    everything.addEventListener("click", () => {
      const parts = [...document.querySelectorAll("details[data-explain]")];
      const open = parts.some((part) => !part.open);
      parts.forEach((part) => { part.open = open; });
      everything.textContent = open ? "Close the explanations" : "Explain everything";
    });
  }
})();
