"""The edge that every gRPC service stands behind: who calls, what they may do, how much of it, and how failures are told.

It promises that nothing reaches a servicer before the caller is known by its certificate and registered for the method, the purpose,
the recipient and the source system; and that nothing personal leaves through errors, logs, traces or metrics. It knows no service by name.
"""
