// The script of the pages. Each page works without it. `make assets` compiles it.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  ServiceNavigation,
  SkipLink,
  Tabs,
  createAll,
} from "govuk-frontend";

for (const component of [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  ServiceNavigation,
  SkipLink,
  Tabs,
]) {
  createAll(component);
}

// The address says what was just done. Without that, a reload does not announce it again.
const address = new URL(location.href);
if (address.searchParams.has("done")) {
  address.searchParams.delete("done");
  address.searchParams.delete("section");
  history.replaceState(history.state, "", address);
}

// <div id="progress" role="status" data-module="site-progress"> holds the state of a job. Read the
// page again each second, and show that part of it. A page without that part means that the job has
// ended, so load the whole page.
const SECOND = 1000;
const LONGEST_WAIT = 10 * SECOND;

async function follow(part, wait) {
  await new Promise((resolve) => setTimeout(resolve, wait));
  try {
    const response = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const now = page.getElementById(part.id);
    if (!response.ok || !now) {
      location.reload();
      return;
    }
    if (now.textContent !== part.textContent) {
      part.replaceChildren(...now.childNodes);
    }
    follow(part, SECOND);
  } catch {
    follow(part, Math.min(wait * 2, LONGEST_WAIT));
  }
}

for (const part of document.querySelectorAll('[data-module="site-progress"]')) {
  follow(part, SECOND);
}
