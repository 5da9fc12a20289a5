# SPDX-License-Identifier: LGPL-2.1-or-later
SUMMARY = "Firmware updates for unified-communications endpoints"
DESCRIPTION = "The agent that finds its organisation's update service, stages what is approved and \
applies it when nobody uses the room. The plugin is built with fwupd, see fwupd_%.bbappend."
LICENSE = "LGPL-2.1-or-later"
LIC_FILES_CHKSUM = "file://COPYING;md5=4fbd65380cdd255951079008b364516c"

require ucupdates-source.inc
SRC_URI = "${UCUPDATES_GIT} file://50-product.conf"
SRCREV = "${UCUPDATES_REV}"
S = "${WORKDIR}/git"

DEPENDS = "glib-2.0 glib-2.0-native libsoup json-glib c-ares gnutls libpsl libjcat fwupd libarchive \
    gettext-native"
RDEPENDS:${PN} = "fwupd glib-networking dbus"

inherit meson pkgconfig gettext systemd useradd

# the agent runs as root where fwupd is built without polkit, which obeys root alone
UCUPDATES_USER ?= "${@bb.utils.contains('DISTRO_FEATURES', 'polkit', 'ucupdates', 'root', d)}"
EXTRA_OEMESON = "-Dplugin=false -Dmirror=false -Dtests=false -Dman=false \
    -Dagent_user=${UCUPDATES_USER} -Dsystemd_unitdir=${systemd_system_unitdir} \
    -Dfwupd_remotesdir=${sysconfdir}/fwupd/remotes.d"

USERADD_PACKAGES = "${PN}"
USERADD_PARAM:${PN} = "--system --no-create-home --home-dir /var/lib/ucupdates --shell /sbin/nologin \
    --user-group ucupdates"

SYSTEMD_SERVICE:${PN} = "ucupdatesd.service ucupdates-trust.path"

do_install:append() {
    # what the product says stands below /usr, so that /etc is the administrator's
    install -D -m 0644 ${WORKDIR}/50-product.conf \
        ${D}${prefix}/lib/ucupdates/ucupdates.conf.d/50-product.conf
}

PACKAGES =+ "${PN}-prompt"
FILES:${PN}-prompt = "${sysconfdir}/xdg/autostart ${libexecdir}/ucupdates-prompt"
FILES:${PN} += "${prefix}/lib/ucupdates ${prefix}/lib/sysusers.d ${prefix}/lib/systemd/catalog \
    ${datadir}/dbus-1 ${datadir}/polkit-1 ${datadir}/bash-completion ${systemd_system_unitdir}"
CONFFILES:${PN} = "${sysconfdir}/ucupdates/ucupdates.conf"
