// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/session.h"

#include <algorithm>

#include "core/otrdata_frame.h"
#include "model/file_limits.h"

// Records of OTRDATA travel in messages of their own, without text. One that is lost is asked for
// again by whoever misses it, so nobody has to be told.

namespace otr_guard::core {

namespace limits = model::limits;
using model::HoldReason;
using model::SessionState;

bool Session::carries_files(const FileEnd& end) const {
    const auto found = std::ranges::find(m_instances, end.tag, &Instance::tag);
    return m_state == SessionState::Private && found != m_instances.end() &&
           found->state == SessionState::Private && found->key == end.key && !m_is_ending &&
           !m_is_doubtful && m_rekeying == Rekeying::No && is_usable(*found) &&
           key_hold(found->key) == HoldReason::None && m_services.host.is_connected(m_peer.account);
}

std::optional<FileEnd> Session::file_end() const {
    const Instance* const instance = current();
    if (instance == nullptr) {
        return std::nullopt;
    }
    FileEnd end{m_peer, instance->tag, instance->key};
    return carries_files(end) ? std::optional(std::move(end)) : std::nullopt;
}

bool Session::is_trusted(const model::Fingerprint& key) const {
    return known().expected_key == key || is_verified(key);
}

bool Session::send_file_record(const FileEnd& end, unsigned short type, std::string_view record) {
    if (!carries_files(end) || record.size() > limits::otrdata_bytes) {
        return false;
    }
    const TlvPtr tlv(otrl_tlv_new(type, static_cast<unsigned short>(record.size()),
                                  reinterpret_cast<const unsigned char*>(record.data())));
    return send_record(end.tag, tlv.get());
}

void Session::take_file_records(model::InstanceTag tag, const OtrlTLV* tlvs) {
    const Instance* const instance = find_instance(tag);
    if (instance == nullptr || instance->state != SessionState::Private) {
        return;
    }
    const FileEnd from{m_peer, tag, instance->key};
    for (const OtrlTLV* tlv = tlvs; tlv != nullptr; tlv = tlv->next) {
        const bool is_file =
            tlv->type == otrdata::request_tlv_type || tlv->type == otrdata::response_tlv_type;
        if (is_file && carries_files(from)) {
            m_services.file_record(from, tlv->type,
                                   {reinterpret_cast<const char*>(tlv->data), tlv->len});
        }
    }
}

void Session::reopen() {
    const bool is_ours_to_start = m_state == SessionState::Finished && m_suspended;
    if (is_ours_to_start) {
        begin_exchange(StartCause::Policy);
    } else if (m_state == SessionState::Private && m_is_doubtful && !m_exchange &&
               m_restarts.allow(m_services.host.now())) {
        begin_exchange(StartCause::Recovery);
    }
}

} // namespace otr_guard::core
