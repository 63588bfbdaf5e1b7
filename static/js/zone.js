// Where no time zone was told yet, fills in the one this device says, and says so beside it. Nothing
// is kept before the person sends the form.
for (const field of document.querySelectorAll("[data-browser-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const before = field.value;
  field.value = zone;
  if (field.value !== zone || zone === before) {
    field.value = before; // the list has no such zone, or nothing is new
    continue;
  }
  const words = document.getElementById(field.dataset.browserZone);
  words.querySelector("[data-zone]").textContent = zone;
  words.hidden = false;
}
