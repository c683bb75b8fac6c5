// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Memory that is overwritten when it is given back, so that what was typed, heard and agreed upon
// is not found in it later (in a core dump, in swapped pages). Whatever this module frees is wiped,
// by the functions that the linker puts in place of free, g_free and operator delete; libotr and
// libgcrypt have to be asked for it. What libpurple and the client free is not.

namespace otr_guard::plugin {

/// From now on libotr and libgcrypt wipe what they free, in the whole process. libotr means to do
/// so by itself, but an optimising compiler drops it. Must be called before their first use.
void wipe_what_libraries_free();

} // namespace otr_guard::plugin
