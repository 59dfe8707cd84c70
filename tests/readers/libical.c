/* Reads the calendars named on standard input, one path per line, with libical, and prints what it understood:
 *   calendar<TAB>path<TAB>method<TAB>complaints of the parser and of icalrestriction_check
 *   event<TAB>uid<TAB>start<TAB>end<TAB>zone<TAB>status<TAB>sequence      (times in UTC)
 * The zone's rules come from the VTIMEZONE of the file, not from the machine. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *whole_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *text = calloc((size_t)size + 1, 1);
  if (text && fread(text, 1, (size_t)size, file) != (size_t)size) text[0] = 0;
  fclose(file);
  return text;
}

static void print_instant(icalproperty *property, icalcomponent *event) {
  if (!property) {
    printf("\t-");
    return;
  }
  struct icaltimetype at = icalproperty_get_datetime_with_component(property, event);
  time_t seconds = icaltime_as_timet_with_zone(at, at.zone);
  struct tm utc;
  char text[32];
  gmtime_r(&seconds, &utc);
  strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  printf("\t%s", text);
}

static void print_event(icalcomponent *event) {
  icalproperty *start = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
  icalproperty *end = icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY);
  icalproperty *status = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
  icalparameter *zone = start ? icalproperty_get_first_parameter(start, ICAL_TZID_PARAMETER) : NULL;
  const char *uid = icalcomponent_get_uid(event);
  printf("event\t%s", uid ? uid : "-");
  print_instant(start, event);
  print_instant(end, event);
  printf("\t%s", zone ? icalparameter_get_tzid(zone) : "UTC");
  printf("\t%s", status ? icalproperty_status_to_string(icalproperty_get_status(status)) : "-");
  printf("\t%d\n", icalcomponent_get_sequence(event));
}

static void print_calendar(const char *path, char *text) {
  icalcomponent *calendar = icalparser_parse_string(text);
  if (!calendar || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT) {
    printf("calendar\t%s\t-\t1\n", path);
    if (calendar) icalcomponent_free(calendar);
    return;
  }
  int complaints = icalcomponent_count_errors(calendar);
  icalrestriction_check(calendar);
  complaints += icalcomponent_count_errors(calendar);
  icalproperty *method = icalcomponent_get_first_property(calendar, ICAL_METHOD_PROPERTY);
  printf("calendar\t%s\t%s\t%d\n", path, method ? icalproperty_method_to_string(icalproperty_get_method(method)) : "-", complaints);
  icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
  for (; event; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) print_event(event);
  icalcomponent_free(calendar);
}

int main(void) {
  char path[4096];
  icalerror_set_errors_are_fatal(0);
  while (fgets(path, sizeof path, stdin)) {
    path[strcspn(path, "\n")] = 0;
    char *text = whole_file(path);
    if (!text) {
      fprintf(stderr, "cannot read %s\n", path);
      return 1;
    }
    print_calendar(path, text);
    free(text);
  }
  return 0;
}
