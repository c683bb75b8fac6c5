// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// Translated text under the names that the whole plugin uses.

#include "util/i18n.h"

namespace otr_guard::plugin {

using util::format;
using util::isolated;
using util::mark;
using util::text_domain;
using util::tr;
using util::tr_n;
using util::Value;

} // namespace otr_guard::plugin
