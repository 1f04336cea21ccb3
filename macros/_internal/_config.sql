{% macro _settings() %}
    {#- Every var a user may set, without its prefix. The one table that _config, the
        validation and the documentation's test read. -#}
    {%- do return({
        'backup': {'default': none, 'kind': 'choice', 'choices': ['parquet', 'schema', 'undrop']},
        'backup_path': {'default': 'opsplugin_backups', 'kind': 'string'},
        'backup_retention_days': {'default': 7, 'kind': 'days'},
        'backup_schema': {'default': 'opsplugin_trash', 'kind': 'identifier'},
        'database': {'default': none, 'kind': 'identifier'},
        'drop_stg': {'default': false, 'kind': 'boolean'},
        'enabled': {'default': none, 'kind': 'boolean'},
        'file_format': {'default': 'parquet', 'kind': 'choice', 'choices': ['parquet', 'orc', 'delta', 'iceberg']},
        'longest_run_hours': {'default': 12, 'kind': 'number'},
        'price_per_credit': {'default': none, 'kind': 'number'},
        'price_per_hour': {'default': none, 'kind': 'number'},
        'price_per_slot_hour': {'default': none, 'kind': 'number'},
        'price_per_tib': {'default': none, 'kind': 'number'},
        'prod_targets': {'default': ['prod', 'production'], 'kind': 'strings'},
        'queries': {'default': false, 'kind': 'boolean'},
        'row_counts': {'default': false, 'kind': 'boolean', 'or': 'metadata'},
        'schema': {'default': 'ops', 'kind': 'identifier'},
        'session_tags': {'default': false, 'kind': 'boolean'},
        'slow_model_seconds': {'default': 300, 'kind': 'number'},
        'staging_folders': {'default': ['staging'], 'kind': 'strings'},
        'staging_prefixes': {'default': ['stg_'], 'kind': 'strings'},
        'staging_tags': {'default': ['staging'], 'kind': 'strings'},
        'tags': {'default': {}, 'kind': 'mapping'},
        'warehouse_sizes': {'default': {}, 'kind': 'mapping'},
    }) %}
{%- endmacro %}


{% macro _config(name) %}
    {#- The only reader of var(). A default belongs here and not into the package's
        dbt_project.yml: package vars are invisible when a user's model calls us. -#}
    {%- set value = var('opsplugin_' ~ name, none) %}
    {%- if value is none %}
        {%- do return(dbt_opsplugin._settings()[name]['default']) %}
    {%- endif %}
    {%- do return(value) %}
{%- endmacro %}
