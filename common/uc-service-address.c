/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "uc-service-address.h"

/*
 * A host name with addresses that were resolved already. GIO takes the name for SNI and for the
 * verification of the certificate, and the addresses, in the order given, for the connection; it
 * never asks a resolver of its own. Without addresses GIO resolves the name, but as an absolute
 * one: no domain of whatever network this is gets appended to it.
 */
struct _UcServiceAddress {
	GNetworkAddress parent_instance;
	GPtrArray *addresses;	      /* (nullable): of GSocketAddress */
	GSocketConnectable *absolute; /* (nullable): the host with a dot at its end */
};

static void
uc_service_address_connectable_init(GSocketConnectableIface *iface);

G_DEFINE_TYPE_WITH_CODE(UcServiceAddress,
			uc_service_address,
			G_TYPE_NETWORK_ADDRESS,
			G_IMPLEMENT_INTERFACE(G_TYPE_SOCKET_CONNECTABLE,
					      uc_service_address_connectable_init))

#define UC_TYPE_SERVICE_ADDRESS_ENUMERATOR (uc_service_address_enumerator_get_type())
G_DECLARE_FINAL_TYPE(UcServiceAddressEnumerator,
		     uc_service_address_enumerator,
		     UC,
		     SERVICE_ADDRESS_ENUMERATOR,
		     GSocketAddressEnumerator)

struct _UcServiceAddressEnumerator {
	GSocketAddressEnumerator parent_instance;
	GPtrArray *addresses; /* of GSocketAddress */
	guint next;
};

G_DEFINE_TYPE(UcServiceAddressEnumerator,
	      uc_service_address_enumerator,
	      G_TYPE_SOCKET_ADDRESS_ENUMERATOR)

static GSocketAddress *
uc_service_address_enumerator_next(GSocketAddressEnumerator *enumerator,
				   GCancellable *cancellable,
				   GError **error)
{
	UcServiceAddressEnumerator *self = UC_SERVICE_ADDRESS_ENUMERATOR(enumerator);

	if (self->next >= self->addresses->len)
		return NULL;
	return g_object_ref(g_ptr_array_index(self->addresses, self->next++));
}

static void
uc_service_address_enumerator_finalize(GObject *object)
{
	UcServiceAddressEnumerator *self = UC_SERVICE_ADDRESS_ENUMERATOR(object);

	g_ptr_array_unref(self->addresses);
	G_OBJECT_CLASS(uc_service_address_enumerator_parent_class)->finalize(object);
}

static void
uc_service_address_enumerator_class_init(UcServiceAddressEnumeratorClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = uc_service_address_enumerator_finalize;
	G_SOCKET_ADDRESS_ENUMERATOR_CLASS(klass)->next = uc_service_address_enumerator_next;
}

static void
uc_service_address_enumerator_init(UcServiceAddressEnumerator *self)
{
}

static GSocketAddressEnumerator *
uc_service_address_enumerate(GSocketConnectable *connectable)
{
	UcServiceAddress *self = UC_SERVICE_ADDRESS(connectable);
	UcServiceAddressEnumerator *enumerator = NULL;

	if (self->absolute != NULL)
		return g_socket_connectable_enumerate(self->absolute);
	enumerator = g_object_new(UC_TYPE_SERVICE_ADDRESS_ENUMERATOR, NULL);
	enumerator->addresses = g_ptr_array_ref(self->addresses);
	return G_SOCKET_ADDRESS_ENUMERATOR(enumerator);
}

static GSocketAddressEnumerator *
uc_service_address_proxy_enumerate(GSocketConnectable *connectable)
{
	UcServiceAddress *self = UC_SERVICE_ADDRESS(connectable);

	if (self->absolute != NULL)
		return g_socket_connectable_proxy_enumerate(self->absolute);
	return uc_service_address_enumerate(connectable);
}

static void
uc_service_address_connectable_init(GSocketConnectableIface *iface)
{
	iface->enumerate = uc_service_address_enumerate;
	iface->proxy_enumerate = uc_service_address_proxy_enumerate;
}

static void
uc_service_address_finalize(GObject *object)
{
	UcServiceAddress *self = UC_SERVICE_ADDRESS(object);

	g_clear_pointer(&self->addresses, g_ptr_array_unref);
	g_clear_object(&self->absolute);
	G_OBJECT_CLASS(uc_service_address_parent_class)->finalize(object);
}

static void
uc_service_address_class_init(UcServiceAddressClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = uc_service_address_finalize;
}

static void
uc_service_address_init(UcServiceAddress *self)
{
}

/**
 * uc_service_address_new:
 * @host: the name that the certificate must have
 * @port: the port that @addresses have, 1 to 65535
 * @addresses: (nullable) (element-type GSocketAddress): where to connect, the best one first; %NULL
 *   resolves @host, through a proxy where GIO finds one
 *
 * Returns: (transfer full): for `SoupSession:remote-connectable`
 */
GSocketConnectable *
uc_service_address_new(const gchar *host, guint16 port, GPtrArray *addresses)
{
	UcServiceAddress *self = g_object_new(UC_TYPE_SERVICE_ADDRESS,
					      "hostname",
					      host,
					      "port",
					      (guint)port,
					      "scheme",
					      "https",
					      NULL);

	if (addresses != NULL) {
		self->addresses = g_ptr_array_ref(addresses);
	} else {
		gboolean address = g_hostname_is_ip_address(host);
		g_autofree gchar *absolute = g_strconcat(host, address ? "" : ".", NULL);

		self->absolute = g_object_new(G_TYPE_NETWORK_ADDRESS,
					      "hostname",
					      absolute,
					      "port",
					      (guint)port,
					      "scheme",
					      "https",
					      NULL);
	}
	return G_SOCKET_CONNECTABLE(self);
}
