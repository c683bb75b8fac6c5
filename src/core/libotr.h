// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// libotr's C headers: none has a C++ guard, and their order matters. Include nothing of libotr
// anywhere else.

#include "util/c_ptr.h"

// clang-format off
extern "C" {
#include <libotr/proto.h>
#include <libotr/message.h>
#include <libotr/userstate.h>
#include <libotr/privkey.h>
#include <libotr/instag.h>
#include <libotr/context.h>
#include <libotr/sm.h>
#include <libotr/tlv.h>
#include <libotr/b64.h>
}
// clang-format on

namespace otr_guard::core {

using UserStatePtr = util::CPtr<struct s_OtrlUserState, otrl_userstate_free>;
using OtrMessagePtr = util::CPtr<char, otrl_message_free>;
using TlvPtr = util::CPtr<OtrlTLV, otrl_tlv_free>;

} // namespace otr_guard::core
