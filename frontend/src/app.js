// Makes pages quicker to use where there is script; every page works without it.
import {
  Button,
  CharacterCount,
  Checkboxes,
  createAll,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
  Tabs,
} from "govuk-frontend";
import "htmx.org";
import { SortableTable } from "@ministryofjustice/frontend/moj/components/sortable-table/sortable-table.mjs";

const MODULES = [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
  SortableTable,
  Tabs,
];

// GOV.UK's own line for this is inline, which our content security policy forbids.
document.body.classList.add("js-enabled", "govuk-frontend-supported");

for (const module of MODULES) {
  createAll(module);
}

// What htmx puts into the page is brought to life in the same way.
document.addEventListener("htmx:after:swap", () => {
  for (const module of MODULES) {
    createAll(module, undefined, {
      scope: document,
      // A second start of the same element is answered with an error that means nothing here.
      onError: () => {},
    });
  }
});
