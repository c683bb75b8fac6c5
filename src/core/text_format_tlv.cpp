// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/text_format_tlv.h"

namespace otr_guard::core {

TlvPtr make_format_tlv(markup::TextFormat format) {
    const unsigned char value = format == markup::TextFormat::Html ? 1 : 0;
    return TlvPtr(otrl_tlv_new(text_format_tlv_type, 1, &value));
}

std::optional<markup::TextFormat> format_from_tlvs(const OtrlTLV* tlvs) {
    for (const OtrlTLV* tlv = tlvs; tlv != nullptr; tlv = tlv->next) {
        if (tlv->type != text_format_tlv_type || tlv->len != 1) {
            continue;
        }
        if (tlv->data[0] == 0) {
            return markup::TextFormat::Plain;
        }
        if (tlv->data[0] == 1) {
            return markup::TextFormat::Html;
        }
    }
    return std::nullopt;
}

} // namespace otr_guard::core
