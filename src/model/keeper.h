// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What otr-guard-keep and whoever starts it know of each other: `otr-guard-keep PROGRAM
// ARGUMENT...` with one end of a stream socket. A byte that comes in is Ctrl+C for the program,
// which may take its time then. Closing the other end, by dying as well, ends it: first as Ctrl+C
// does, after a few seconds by force. When nothing of it is left, the socket brings one
// byte, the exit code (128 and the signal's number when there was one; 126 and 127 as shells have
// them), and closes.

namespace otr_guard::model {

/// Of the socket in otr-guard-keep.
inline constexpr int lifeline_descriptor = 3;

} // namespace otr_guard::model
