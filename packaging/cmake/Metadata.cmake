# SPDX-FileCopyrightText: OTR Guard contributors
# SPDX-License-Identifier: GPL-2.0-or-later

# The AppStream metadata: pictures and home page are addresses on the web, and nothing is installed
# that names one that does not exist.
set(OTR_GUARD_HOMEPAGE "" CACHE STRING
    "Address of the home page, with data/screenshots as its folder screenshots; empty: there is none")

set(metadata_file im.otrguard.otrguard.metainfo.xml)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS data/${metadata_file})
file(READ data/${metadata_file} metadata)
if(OTR_GUARD_HOMEPAGE)
    string(REGEX REPLACE "/+$" "" homepage "${OTR_GUARD_HOMEPAGE}")
    string(REPLACE "https://otr-guard.example" "${homepage}" metadata "${metadata}")
    string(REGEX REPLACE " *<!-- There is no home page[^>]*>\n" "" metadata "${metadata}")
else()
    string(REGEX REPLACE " *<!-- There is no home page.*</screenshots>\n" "" metadata "${metadata}")
endif()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${metadata_file} CONTENT "${metadata}" @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/${metadata_file}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
