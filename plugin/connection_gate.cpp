// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "connection_gate.h"

#include <algorithm>
#include <cstring>
#include <malloc.h>
#include <memory>
#include <optional>
#include <unordered_map>

#include "i18n.h"
#include "util/guarded.h"

namespace otr_guard::plugin {

namespace {

using util::ErrorCode;
using util::Expected;
using util::failure;

constexpr const char* probe_host = "otr-guard.invalid";
constexpr int probe_port = 9;

/// What libpurple keeps of a look-up, as far as its functions do not tell.
struct Anatomy {
    GSourceFunc start = nullptr; ///< the timer function that begins it
    std::size_t account_offset = 0;
};

/// A question that was denied and whose asker has to be told from the main loop.
struct DeniedQuestion {
    PurpleSrvTxtQueryFailedCallback failed;
    guint timer;
};

struct Gate {
    GateKeeper* keeper = nullptr;
    Anatomy anatomy;
    PurpleEventLoopUiOps* previous_loop = nullptr;
    PurpleEventLoopUiOps loop{};
    PurpleSrvTxtQueryUiOps* previous_questions = nullptr;
    PurpleSrvTxtQueryUiOps questions{};
    PurpleDnsQueryUiOps denial{};
    std::unordered_map<PurpleSrvTxtQueryData*, DeniedQuestion> denied;
    std::optional<util::Error> problem;
    // While the anatomy is found out: the timer that the look-up asks for.
    bool is_learning = false;
    GSourceFunc learned_start = nullptr;
    gpointer learned_query = nullptr;
};

/// Never destroyed: libpurple has pointers into it until the process ends.
Gate& gate() {
    static Gate* const only = std::make_unique<Gate>().release();
    return *only;
}

constexpr std::size_t pointer_size = sizeof(gpointer);

PurpleAccount* account_of(gpointer query) {
    PurpleAccount* account = nullptr;
    std::memcpy(&account, static_cast<const char*>(query) + gate().anatomy.account_offset,
                pointer_size);
    return account;
}

// --- Look-ups ---------------------------------------------------------------------------------

gboolean fail_lookup(PurpleDnsQueryData* query, PurpleDnsQueryResolvedCallback,
                     PurpleDnsQueryFailedCallback failed) {
    failed(query, tr("OTR Guard has blocked this connection.").c_str());
    return TRUE;
}

void forget_lookup(PurpleDnsQueryData*) {}

/// Lets the look-up begin and fail by libpurple's own code. A name that begins so is no address,
/// and ours is the resolver while it begins.
void deny(gpointer data) {
    purple_dnsquery_get_host(static_cast<PurpleDnsQueryData*>(data))[0] = '!';
    PurpleDnsQueryUiOps* previous = purple_dnsquery_get_ui_ops();
    purple_dnsquery_set_ui_ops(&gate().denial);
    gate().anatomy.start(data);
    purple_dnsquery_set_ui_ops(previous);
}

gboolean begin_lookup(gpointer data) {
    auto* query = static_cast<PurpleDnsQueryData*>(data);
    const bool is_allowed = util::guarded("begin_lookup", false, [&] {
        // The host is asked for again after this, by libpurple itself.
        const std::string host = purple_dnsquery_get_host(query);
        return gate().keeper->allows({account_of(data), host, purple_dnsquery_get_port(query)});
    });
    if (is_allowed) {
        return gate().anatomy.start(data);
    }
    deny(data);
    return FALSE;
}

guint add_timer(guint interval, GSourceFunc function, gpointer data) {
    Gate& here = gate();
    if (here.is_learning) {
        here.learned_start = function;
        here.learned_query = data;
        return 0;
    }
    const bool is_lookup = function == here.anatomy.start && function != nullptr;
    return here.previous_loop->timeout_add(interval, is_lookup ? begin_lookup : function, data);
}

// --- Questions --------------------------------------------------------------------------------

gboolean tell_asker(gpointer data) {
    auto* query = static_cast<PurpleSrvTxtQueryData*>(data);
    const auto denied = gate().denied.extract(query);
    if (!denied.empty()) {
        denied.mapped().failed(query, tr("OTR Guard has blocked this connection.").c_str());
    }
    return FALSE;
}

gboolean resolve_question(PurpleSrvTxtQueryData* query, PurpleSrvTxtQueryResolvedCallback resolved,
                          PurpleSrvTxtQueryFailedCallback failed) {
    Gate& here = gate();
    const bool is_allowed = util::guarded("resolve_question", false, [&] {
        const char* asked = purple_srv_txt_query_get_query(query);
        return here.keeper->allows_question(asked != nullptr ? asked : "");
    });
    if (is_allowed) {
        PurpleSrvTxtQueryUiOps* previous = here.previous_questions;
        return previous != nullptr && previous->resolve != nullptr
                   ? previous->resolve(query, resolved, failed)
                   : FALSE;
    }
    // Not at once: libpurple hands the question to its asker only after this.
    return util::guarded("resolve_question", gboolean{TRUE}, [&] {
        here.denied[query] = {failed, purple_timeout_add(0, tell_asker, query)};
        return gboolean{TRUE};
    });
}

void destroy_question(PurpleSrvTxtQueryData* query) {
    Gate& here = gate();
    const auto denied = here.denied.extract(query);
    if (!denied.empty()) {
        purple_timeout_remove(denied.mapped().timer);
    } else if (here.previous_questions != nullptr && here.previous_questions->destroy != nullptr) {
        here.previous_questions->destroy(query);
    }
}

// --- Finding out how libpurple works ----------------------------------------------------------

void no_answer(GSList*, gpointer, const char*) {}

/// One look-up for `account`, ended before it begins: its timer function, and where it keeps the
/// account. Nothing when it cannot be told without doubt.
std::optional<Anatomy> examine(PurpleAccount* account) {
    Gate& here = gate();
    here.is_learning = true;
    here.learned_start = nullptr;
    here.learned_query = nullptr;
    PurpleDnsQueryData* query =
        purple_dnsquery_a_account(account, probe_host, probe_port, no_answer, nullptr);
    here.is_learning = false;
    if (query == nullptr) {
        return std::nullopt;
    }
    std::optional<Anatomy> found;
    std::size_t matches = 0;
    const bool is_whole = here.learned_start != nullptr && here.learned_query == query &&
                          std::strcmp(purple_dnsquery_get_host(query), probe_host) == 0 &&
                          purple_dnsquery_get_port(query) == probe_port;
    const std::size_t size = is_whole ? ::malloc_usable_size(query) : 0;
    for (std::size_t offset = 0; offset + pointer_size <= size; offset += pointer_size) {
        if (std::memcmp(reinterpret_cast<const char*>(query) + offset, &account, pointer_size) ==
            0) {
            found = Anatomy{here.learned_start, offset};
            ++matches;
        }
    }
    purple_dnsquery_destroy(query);
    return matches == 1 ? found : std::nullopt;
}

/// Twice, with two addresses that mean nothing else: both must agree.
std::optional<Anatomy> learn() {
    static const char stand_ins[2] = {'1', '2'};
    const auto as_account = [](const char& stand_in) {
        return reinterpret_cast<PurpleAccount*>(const_cast<char*>(&stand_in));
    };
    const auto first = examine(as_account(stand_ins[0]));
    const auto second = examine(as_account(stand_ins[1]));
    const bool agree = first && second && first->start == second->start &&
                       first->account_offset == second->account_offset;
    return agree ? first : std::nullopt;
}

/// Something that can be relied on, or the reason why not.
Expected<void> set_up(GateKeeper& keeper) {
    Gate& here = gate();
    here.keeper = &keeper;
    here.previous_loop = purple_eventloop_get_ui_ops();
    if (here.previous_loop == nullptr || here.previous_loop->timeout_add == nullptr) {
        return failure(ErrorCode::Unavailable, "the client has no event loop yet");
    }
    here.denial.resolve_host = fail_lookup;
    here.denial.destroy = forget_lookup;
    here.loop = *here.previous_loop;
    here.loop.timeout_add = add_timer;
    purple_eventloop_set_ui_ops(&here.loop);
    const auto anatomy = learn();
    if (!anatomy) {
        purple_eventloop_set_ui_ops(here.previous_loop);
        return failure(ErrorCode::Unavailable, "name look-ups of this libpurple are unknown");
    }
    here.anatomy = *anatomy;
    here.previous_questions = purple_srv_txt_query_get_ui_ops();
    here.questions.resolve = resolve_question;
    here.questions.destroy = destroy_question;
    purple_srv_txt_query_set_ui_ops(&here.questions);
    return {};
}

} // namespace

Expected<void> install_gate(GateKeeper& keeper) {
    Gate& here = gate();
    if (here.keeper == nullptr) {
        if (const auto done = set_up(keeper); !done) {
            here.problem = done.error();
        }
    }
    return check_gate();
}

Expected<void> check_gate() {
    const Gate& here = gate();
    if (here.keeper == nullptr) {
        return failure(ErrorCode::Unavailable, "not installed");
    }
    if (here.problem) {
        return tl::unexpected(*here.problem);
    }
    const PurpleEventLoopUiOps* loop = purple_eventloop_get_ui_ops();
    if (loop == nullptr || loop->timeout_add != add_timer ||
        purple_srv_txt_query_get_ui_ops() != &here.questions) {
        return failure(ErrorCode::Unavailable, "something else has taken its place");
    }
    return {};
}

} // namespace otr_guard::plugin
