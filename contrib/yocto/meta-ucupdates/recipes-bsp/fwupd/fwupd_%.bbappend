# SPDX-License-Identifier: LGPL-2.1-or-later
# The plugin is built in fwupd's own tree: so it fits the fwupd that it is built with, whatever the
# sysroot has. Without polkit fwupd obeys root alone, and the agent runs as root.
require recipes-core/ucupdates/ucupdates-source.inc
SRC_URI:append = " ${UCUPDATES_GIT};name=ucupdates;destsuffix=ucupdates"
SRCREV_ucupdates = "${UCUPDATES_REV}"
SRCREV_FORMAT = "ucupdates"

DEPENDS:append = " libarchive gnutls"

do_configure:prepend() {
    rm -rf ${S}/plugins/uc-endpoint
    cp -R ${WORKDIR}/ucupdates/plugins/uc-endpoint ${S}/plugins/uc-endpoint
    grep -q "'uc-endpoint'" ${S}/plugins/meson.build ||
        sed -i "s/^  'uf2': false,/&\n  'uc-endpoint': false,/" ${S}/plugins/meson.build
}

do_install:append() {
    install -D -m 0644 ${WORKDIR}/ucupdates/data/fwupd.service.d/ucupdates.conf \
        ${D}${systemd_system_unitdir}/fwupd.service.d/ucupdates.conf
    install -d ${D}${prefix}/lib/ucupdates
    sed 's/@fwupd_version@/${PV}/' ${WORKDIR}/ucupdates/data/plugin.conf.in \
        >${D}${prefix}/lib/ucupdates/plugin.conf
}

FILES:${PN} += "${systemd_system_unitdir}/fwupd.service.d ${prefix}/lib/ucupdates"
