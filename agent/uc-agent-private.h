/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "uc-agent.h"
#include "uc-fwupd-load.h"
#include "uc-history.h"
#include "uc-neighbours.h"
#include "uc-network-watch.h"
#include "uc-policy-decide.h"
#include "uc-reports.h"
#include "uc-room-prompt.h"
#include "uc-service-link.h"
#include "uc-shutdown.h"
#include "uc-sources.h"
#include "uc-surroundings.h"
#include "uc-target.h"
#include "uc-timer.h"

/**
 * UcAgentWork:
 *
 * What the agent is busy with. One thing at a time: each ends in uc_agent_advance().
 */
typedef enum {
	UC_AGENT_IDLE,
	UC_AGENT_LOADING,
	UC_AGENT_SETTLING,
	UC_AGENT_CHECKING,
	UC_AGENT_DOWNLOADING,
	UC_AGENT_STAGING,
	UC_AGENT_ACTIVATING,
	UC_AGENT_RESTARTING,
	UC_AGENT_REVOKING,
	UC_AGENT_FORGETTING,
	UC_AGENT_LAST
} UcAgentWork;

struct _UcAgent {
	GObject parent_instance;
	GDBusConnection *connection;
	const UcClock *clock; /* not owned */
	UcRoom *room;
	UcNetworkWatch *network_watch; /* (nullable): from uc_agent_start() on */
	UcSources *sources;
	UcShutdown *shutdown;
	UcSurroundings *surroundings;
	UcFwupd *fwupd;
	UcState *state;
	UcServiceSettings *settings;
	UcServiceLink *link;
	UcHistory *history;
	UcReports *reports;
	UcTimer *timer;
	GCancellable *cancellable;
	GHashTable *targets; /* id -> UcTarget */
	GHashTable
	    *devices; /* fwupd's device id -> UcTarget, not owned; NULL for one that is ignored */
	GHashTable *leds; /* name -> UcLedState, as it was written */
	UcSaid *said;	  /* about endpoint files and devices */
	gchar *machine_id;
	guint fwupd_watch;

	/* configuration */
	gboolean restart_by_agent;
	gint64 idle_min_secs;
	gchar *group;	 /* (nullable) */
	GArray *windows; /* of UcWindow (nullable): only inside these, too */
	gboolean first_update_normal;
	gint64 retry_max_secs;

	/* what goes on */
	UcAgentWork work;
	UcTarget *active;     /* (nullable), not owned: what @work is for */
	gboolean stale;	      /* fwupd has to be asked again about all devices */
	gboolean heard;	      /* fwupd says that a device is different */
	gboolean rumour;      /* fwupd says that something else is different */
	GHashTable *doubtful; /* fwupd's ids of devices that the agent itself has changed */
	gboolean loading_all; /* what is asked at the moment */
	gboolean delivering;
	gboolean check_wanted;
	gint64 check_in_secs; /* 0, or until when the service is to hear of what was done */
	gchar *metadata;      /* (nullable): what fwupd had before the look that is under way */
	guint advance_id;
	UcRoomPrompt prompt;
	GPtrArray *asked;	  /* of gchar: `Id` of each endpoint that @prompt is about */
	GPtrArray *gifts;	  /* of GTask: who gave a URL of the service */
	GPtrArray *forgets;	  /* of GTask: who wants the service to be forgotten */
	GPtrArray *checks;	  /* of GTask: who waits for the next check */
	GPtrArray *checks_active; /* of GTask: who waits for the present one */

	/* when */
	gint64 next_secs; /* -1 for never */
	gint64 last_check_secs;
	gint64 check_retry_secs;
	gint64 enrolment_retry_secs; /* 0, or when to ask again for a certificate that waits */
	guint check_failures;
	gchar *check_error;  /* (nullable) */
	gchar *remote_error; /* (nullable): what fwupd did not let be changed at the last look */
	gchar *refusal;	     /* (nullable): the one that was reported last */
	gint64 load_retry_secs;
	gint64 rumour_retry_secs; /* 0, or when to look after @rumour */
	guint load_failures;
	gint64 trial_retry_secs; /* 0, or when to ask whether a trial has ended */
	guint trial_looks;
	gchar *load_error;     /* (nullable) */
	gchar *plugin_problem; /* (nullable): why fwupd has none of our devices */
	gboolean loaded;       /* fwupd has told its devices at least once */
	GPtrArray *unclaimed;  /* of UcEndpoint: files for which fwupd has no device */
	GPtrArray *unusable;   /* names of files of which nobody makes an endpoint */
	gint64 deliver_retry_secs;
	guint deliver_failures;
	guint telling; /* of UcReport, what is under way */
	guint told;    /* of UcReport, what the service knows */
};

void
uc_agent_advance(UcAgent *self);
void
uc_agent_advance_soon(UcAgent *self);
void
uc_agent_end_work(UcAgent *self);
gint64
uc_agent_now_secs(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_agent_next_retry(UcAgent *self, guint failures) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_agent_next_retry_after(UcAgent *self,
			  guint failures,
			  const GError *error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_agent_is_due(UcAgent *self, gint64 retry_secs) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_changed(UcAgent *self);

const gchar *
uc_agent_work_to_string(UcAgentWork work);

/* uc-agent-configure.c */
gboolean
uc_agent_configure(UcAgent *self, UcConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* uc-agent-load.c */
void
uc_agent_load(UcAgent *self);
gboolean
uc_agent_needs_load(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_doubt(UcAgent *self, UcTarget *target);
gint64
uc_agent_get_pause_secs(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_agent_is_pause_over(UcAgent *self, gint64 until_secs) G_GNUC_WARN_UNUSED_RESULT;

/* uc-agent-take.c */
void
uc_agent_take_devices(UcAgent *self, GPtrArray *items);
gboolean
uc_agent_take_changes(UcAgent *self, GPtrArray *items) G_GNUC_WARN_UNUSED_RESULT;

/* uc-agent-service.c */
void
uc_agent_watch_network(UcAgent *self);
gint64
uc_agent_next_look(UcAgent *self, guint failures, const GError *error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_agent_change_service(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;

/* uc-agent-sign-in.c */
void
uc_agent_deny_sign_in(UcAgent *self, const GError *error);

/* uc-agent-settle.c */
gboolean
uc_agent_settle(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean
uc_agent_record(UcAgent *self,
		UcTarget *target,
		const gchar *event,
		const gchar *message,
		JsonObject *fwupd_report);
void
uc_agent_report_refusal(UcAgent *self, const GError *error);

/* uc-agent-round.c */

/**
 * UcAgentRound:
 * @zone: (nullable): the endpoint's own
 * @surroundings: of which only what uc_surroundings_copy_facts() takes, and disk_free_bytes
 * @neighbours: what the endpoints mean for each other
 *
 * What the decisions of one moment have in common.
 */
typedef struct {
	UcZone *zone;
	UcFacts *surroundings;
	UcNeighbours *neighbours;
} UcAgentRound;

UcAgentRound *
uc_agent_round_new(UcAgent *agent) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_round_free(UcAgentRound *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UcAgentRound, uc_agent_round_free)
void
uc_agent_round_note(UcAgentRound *self, UcTarget *target);
gboolean
uc_agent_round_is_ready(UcTarget *target) G_GNUC_WARN_UNUSED_RESULT;

/* uc-agent-decide.c */
UcFacts *
uc_agent_collect_facts(UcAgent *self, UcAgentRound *round, UcTarget *target, const UcPolicy *policy)
    G_GNUC_WARN_UNUSED_RESULT;
UcDecision *
uc_agent_decide(UcAgent *self, UcAgentRound *round, UcTarget *target, gint64 *again_secs_out)
    G_GNUC_WARN_UNUSED_RESULT;

/* uc-agent-choose.c */
UcPolicy *
uc_agent_select_policy(UcAgent *self, UcTarget *target) G_GNUC_WARN_UNUSED_RESULT;
void
uc_agent_describe_offers(UcAgent *self,
			 UcTarget *target,
			 const UcPolicy *policy,
			 JsonObject *facts);
gboolean
uc_agent_save(UcAgent *self, UcTarget *target, const UcCourse *next);
void
uc_agent_choose(UcAgent *self, UcTarget *target, const UcPolicy *policy);
gint64
uc_agent_get_rollout_secs(UcAgent *self, UcTarget *target, const UcPolicy *policy);

/* uc-agent-prompt.c */
void
uc_agent_prompt(UcAgent *self);

/* uc-agent-shutdown.c */
void
uc_agent_watch_shutdown(UcAgent *self);
void
uc_agent_permit(UcAgent *self, UcTarget *target);
void
uc_agent_end_shutdown(UcAgent *self);

/* uc-agent-act.c */
void
uc_agent_want_check_in(UcAgent *self);
void
uc_agent_act(UcAgent *self, UcTarget *target, UcAction action);
void
uc_agent_return_all(GPtrArray **tasks, const GError *error);
void
uc_agent_answer(UcTarget *target, const GError *error);

/* uc-agent-deliver.c */
JsonObject *
uc_agent_build_check_in(UcAgent *self) G_GNUC_WARN_UNUSED_RESULT;
gint64
uc_agent_deliver(UcAgent *self);
void
uc_agent_rest(UcAgent *self);

/* uc-agent-led.c */
void
uc_agent_show_leds(UcAgent *self);
