"""Everything is put together here, once, by hand: the only place that knows every class."""

from ivr.bootstrap.access import AccessRoom, at_the_command_line, build_access_room
from ivr.bootstrap.admission import admission_of, operators_of
from ivr.bootstrap.children import console_child, telephone_children, timetable_child
from ivr.bootstrap.files import calendar_for, intercoms, municipalities_of, orders_file
from ivr.bootstrap.house import House, build
from ivr.bootstrap.office import CallbackRoom, ReportDesk, build_callback_room, build_report_desk
from ivr.bootstrap.watch import Watch, build_watch, notice_sender

__all__ = [
    "AccessRoom",
    "CallbackRoom",
    "House",
    "ReportDesk",
    "Watch",
    "admission_of",
    "at_the_command_line",
    "build",
    "build_access_room",
    "build_callback_room",
    "build_report_desk",
    "build_watch",
    "calendar_for",
    "console_child",
    "intercoms",
    "municipalities_of",
    "notice_sender",
    "operators_of",
    "orders_file",
    "telephone_children",
    "timetable_child",
]
