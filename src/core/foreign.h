// SPDX-FileCopyrightText: OTR Guard contributors
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// What the files of other OTR programs say, in one form for all of them. Names of accounts and
// protocols are those of the other program. A key or a mark that is not beyond doubt does not
// become a good one here: what a program wrote is not what its user meant in every case.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/key_list.h"
#include "core/key_text.h"
#include "model/account.h"

namespace otr_guard::core {

/// Why a key is not taken for verified although the other program has a mark at it.
enum class Doubt {
    None,
    UnknownWord, ///< a trust word that no program is known to write for "verified"
    KeySync,     ///< KeySync marks keys that nobody has verified
    OnlyAnswered ///< CoyIM also marks a key when its user has only answered a question
};

/// A key of somebody else. An empty account: the file does not say whose contact it is.
struct ForeignKey {
    KeyOfPeer key; ///< its trust word is ours: "", "verified" or "smp"
    Doubt doubt = Doubt::None;
    bool is_rejected = false; ///< the user has said there that it is not theirs
    std::string word;         ///< what the program wrote, when we do not go by it
};

/// A key of the user's own.
struct ForeignOwnKey {
    model::AccountId account;
    CheckedKey key;
};

/// What could not be taken from a file.
enum class ForeignProblem {
    Unreadable,     ///< the system refused; `detail` is its reason
    TooLarge,       ///< the file, the folder, or what is in it
    Writable,       ///< everybody may write to the file
    Pickle,         ///< a Python pickle, which would be a program to run
    Locked,         ///< sealed by the program; `detail` is its name
    Malformed,      ///< something in it is not of the format
    BadKey,         ///< a private key that is none for OTR, or not the one that it says it is
    BadFingerprint, ///< a fingerprint that is not that of the key beside it
};

struct ForeignRemark {
    std::string file;
    ForeignProblem problem;
    std::string detail;
};

/// What files under a passphrase, which KeySync and ChatSecure make, have come to.
enum class Sealed { Nothing, NeedsPassphrase, WrongPassphrase };

struct ForeignProfile {
    std::vector<ForeignOwnKey> own;
    std::vector<ForeignKey> keys;
    std::vector<ForeignRemark> remarks;
    Sealed sealed = Sealed::Nothing;
    std::string backup; ///< a text of key_backup.h, when that is what was read
};

/// One file's contribution: where findings and problems go.
struct ForeignFile {
    const std::string& name;
    ForeignProfile& profile;

    /// The same about every line of a file is said once.
    void remark(ForeignProblem problem, std::string detail = {}) const {
        if (profile.remarks.empty() || profile.remarks.back().file != name ||
            profile.remarks.back().problem != problem) {
            profile.remarks.push_back({name, problem, std::move(detail)});
        }
    }
    /// Checks nothing but the number of keys.
    void add_own(model::AccountId account, util::Expected<CheckedKey> key) const;
    void add_key(model::PeerId peer, const model::Fingerprint& fingerprint,
                 std::string_view trust_word) const;
};

/// What a trust word of a libotr file means; `key` holds the names and the fingerprint already.
[[nodiscard]] ForeignKey with_trust(ForeignKey key, std::string_view trust_word);

// The formats. What does not parse is remarked upon; nothing is left behind half read.

/// `otr.private_key` and its like: libotr's list of private keys.
void read_libotr_keys(std::string_view text, const ForeignFile& file);
/// `otr.fingerprints` and its like, also potr's `.fpr`. False when no line of it is a key.
bool read_libotr_fingerprints(std::string_view text, const ForeignFile& file);
/// ChatSecure for Android's and KeySync's Java properties. `is_from_keysync` when known; a file
/// that looks like KeySync's is one anyhow.
/// False when there is nothing of the kind in it.
bool read_chatsecure_keys(std::string_view text, bool is_from_keysync, const ForeignFile& file);
/// CoyIM's accounts.json, of today and of old.
void read_coyim_accounts(std::string_view text, const ForeignFile& file);

/// The same for CoyIM to start with: its accounts.json, unencrypted, with the XMPP accounts of
/// these keys and nothing else. A private key that cannot be read is left out.
[[nodiscard]] util::SecretString coyim_accounts(const std::vector<KeyOfPeer>& keys,
                                                std::span<const NamedKey> own);

} // namespace otr_guard::core
