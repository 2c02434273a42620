from django.db import migrations, models

# Of a video, these change while its thumbnails are made, and no viewer sees them.
UNSEEN = (
    "'{state,step,urgency,attempts,retry_at,finished_at,error_code,error_message,storyboard,"
    "content_sha256,original_name}'::text[]"
)
TABLES = ("experiment", "arm", "phase", "experiment_videos", "thumbnail")
FUNCTION = """
CREATE FUNCTION experiments_note_served_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO experiments_servedchange AS own (session, changes) VALUES (pg_backend_pid(), 1)
    ON CONFLICT (session) DO UPDATE SET changes = own.changes + 1;
    RETURN NULL;
END $$;
"""
TRIGGERS = "".join(
    f"""
CREATE TRIGGER served_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON experiments_{table}
FOR EACH STATEMENT EXECUTE FUNCTION experiments_note_served_change();"""
    for table in TABLES
)
OF_VIDEOS = f"""
CREATE TRIGGER served_change AFTER UPDATE ON experiments_video FOR EACH ROW
WHEN (to_jsonb(OLD) - {UNSEEN} IS DISTINCT FROM to_jsonb(NEW) - {UNSEEN})
EXECUTE FUNCTION experiments_note_served_change();
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0026_audit_log")]

    operations = [
        migrations.CreateModel(
            name="ServedChange",
            fields=[
                ("session", models.IntegerField(
                    help_text="Process id of the database session.",
                    primary_key=True, serialize=False)),
                ("changes", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(
            FUNCTION + TRIGGERS + OF_VIDEOS,
            "DROP FUNCTION experiments_note_served_change() CASCADE",
        ),
    ]
