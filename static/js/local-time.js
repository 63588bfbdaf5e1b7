// Adds to a deadline what it is on the visitor's own clock, if that shows something else. Without it
// the page says as much, in the zone where the deadline holds.
for (const time of document.querySelectorAll("time[data-local]")) {
  const moment = new Date(time.dateTime);
  const on = (timeZone) => {
    const style = { dateStyle: "long", timeStyle: "short", hourCycle: "h23", timeZone };
    return new Intl.DateTimeFormat(document.documentElement.lang, style).format(moment);
  };
  const here = on(undefined);
  if (here === on(time.dataset.zone)) continue;
  const there = document.createElement("span");
  there.textContent = " " + time.dataset.local.replace("{}", here);
  time.after(there);
}
