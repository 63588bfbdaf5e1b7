// Adds to a deadline what it is on the visitor's own clock. Without it the page says as much, in
// the zone where the deadline holds.
for (const time of document.querySelectorAll("time[data-local]")) {
  const moment = new Date(time.dateTime);
  const style = { dateStyle: "full", timeStyle: "medium", hourCycle: "h23" };
  const here = new Intl.DateTimeFormat(document.documentElement.lang, style).format(moment);
  const there = document.createElement("span");
  there.textContent = " " + time.dataset.local.replace("{}", here);
  time.after(there);
}
