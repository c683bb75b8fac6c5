# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later

# Tests in Python. They need Debian's interpreter, because gi, slixmpp and potr are installed for
# that one and not for whatever else is called python3 on the machine.
find_program(OTR_GUARD_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH
    DOC "Python 3 with Debian's modules (gi, slixmpp, potr)")

# otr_guard_python_test(NAME SCRIPT [LABELS label...] [TIMEOUT seconds] [ARGUMENTS argument...])
# The script is a unittest file; it finds the package otrtest on its path and the programs under
# test in the environment.
function(otr_guard_python_test name script)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "TIMEOUT" "LABELS;ARGUMENTS")
    if(NOT OTR_GUARD_PYTHON)
        message(WARNING "${name} is not registered: no /usr/bin/python3")
        return()
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 300)
    endif()
    if(OTR_GUARD_SANITIZERS)
        math(EXPR arg_TIMEOUT "3 * ${arg_TIMEOUT}") # everything is as many times slower
    endif()
    cmake_path(ABSOLUTE_PATH script BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    add_test(NAME ${name} COMMAND ${OTR_GUARD_PYTHON} -B ${script} -v ${arg_ARGUMENTS})
    set(environment
        PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support
        OTR_GUARD_HEADLESS=$<TARGET_FILE:otr-guard-headless>
        OTR_GUARD_FREED_MEMORY=$<TARGET_FILE:otr-guard-freed-memory>
        OTR_GUARD_ODD_SYSTEM_MODULE=$<TARGET_FILE:otr-guard-odd-system>
        OTR_GUARD_SOURCE_DIR=${PROJECT_SOURCE_DIR}
        OTR_GUARD_BINARY_DIR=${PROJECT_BINARY_DIR})
    if(TARGET otr-guard-libotr-peer)
        list(APPEND environment OTR_GUARD_LIBOTR_PEER=$<TARGET_FILE:otr-guard-libotr-peer>)
    endif()
    if(TARGET otr-guard)
        list(APPEND environment OTR_GUARD_PLUGIN=$<TARGET_FILE:otr-guard>)
    endif()
    if(TARGET otr-guard-run)
        list(APPEND environment OTR_GUARD_RUN=$<TARGET_FILE:otr-guard-run>)
    endif()
    if(OTR_GUARD_SANITIZERS)
        list(APPEND environment OTR_GUARD_SANITIZERS=${OTR_GUARD_SANITIZERS})
    endif()
    set_tests_properties(${name} PROPERTIES
        ENVIRONMENT "${environment}" LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT}
        SKIP_RETURN_CODE 77)
endfunction()
