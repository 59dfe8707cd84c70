//! What leaves as iCalendar, judged by a reader that shares no code with the writer.

#[path = "calendar_output/hostile.rs"]
mod hostile;
#[path = "calendar_output/reader.rs"]
mod reader;
#[path = "calendar_output/sample.rs"]
mod sample;
#[path = "calendar_output/whole.rs"]
mod whole;
#[path = "calendar_output/zones.rs"]
mod zones;
