# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later

# Warnings, hardening and sanitizers as one interface target that every target of ours links.
include(CheckCXXCompilerFlag)
include(CheckCCompilerFlag)

add_library(otr_guard_flags INTERFACE)
add_library(OtrGuard::flags ALIAS otr_guard_flags)

set(warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnull-dereference
    -Wformat=2 -Wundef -Wvla -Wswitch-enum)
set(cxx_warnings -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wsuggest-override
    -Wextra-semi)
target_compile_options(otr_guard_flags INTERFACE ${warnings}
    $<$<COMPILE_LANGUAGE:CXX>:${cxx_warnings}>
    $<$<BOOL:${OTR_GUARD_WERROR}>:-Werror>)

set(hardening -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
    -fvisibility=hidden -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr)
foreach(flag IN LISTS hardening)
    string(MAKE_C_IDENTIFIER "has${flag}" has_flag)
    check_cxx_compiler_flag(${flag} ${has_flag})
    if(${has_flag})
        target_compile_options(otr_guard_flags INTERFACE ${flag})
    endif()
endforeach()
target_compile_definitions(otr_guard_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:_GLIBCXX_ASSERTIONS>)
if(NOT OTR_GUARD_SANITIZERS)
    # _FORTIFY_SOURCE needs optimisation and hides errors from the sanitizers.
    target_compile_options(otr_guard_flags INTERFACE
        $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>)
    target_link_options(otr_guard_flags INTERFACE -Wl,--no-undefined)
else()
    target_compile_options(otr_guard_flags INTERFACE -fsanitize=${OTR_GUARD_SANITIZERS}
        -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(otr_guard_flags INTERFACE -fsanitize=${OTR_GUARD_SANITIZERS})
endif()
target_link_options(otr_guard_flags INTERFACE
    -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed)
