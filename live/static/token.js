"use strict";
// The address that `make live` prints ends in #token=…, which browsers send to nobody. It is kept
// for this server's pages alone (storage knows ports, cookies do not) and leaves the address.
(function () {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return;
  try {
    localStorage.setItem("live-token", token);
  } catch (refused) { /* without storage no cell runs, and each says so */ }
  history.replaceState(null, "", location.pathname + location.search);
})();
