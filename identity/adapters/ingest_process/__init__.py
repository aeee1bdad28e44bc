"""Lanes of a bulk load in processes of their own, so that a file is sealed on every core.

Promises: chunks travel over pipes only; a lane ends when its parent does; what goes wrong in a lane comes back as its reason.
Never: pickles, writes a file, puts a secret on a command line or a value into a message.
"""

from identity.adapters.ingest_process.lane import ProcessLane, set_up_lanes, start_process_lanes
from identity.adapters.ingest_process.serving import serve_lane

__all__ = ["ProcessLane", "serve_lane", "set_up_lanes", "start_process_lanes"]
