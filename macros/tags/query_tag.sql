{% macro query_tag(node=none, format='compact') %}
    {#- One structured tag of what runs. `node` is the node in dbt's query-comment context,
        and by default the model that is being rendered. -#}
    {% do dbt_opsplugin._validate_arguments('query_tag', kwargs, ['node', 'format']) %}
    {% set of_node = node or (model if model is defined else none) %}
    {% if format == 'compact' %}
        {% set tag = 'dbt:' ~ (of_node.name if of_node else '') ~ ':' ~ target.name ~ ':' ~ invocation_id %}
        {% do return(tag[:dbt_opsplugin.query_tag_limit()]) %}
    {% elif format == 'json' %}
        {% do return(dbt_opsplugin._json_tag(of_node, dbt_opsplugin.query_tag_limit())) %}
    {% endif %}
    {% do dbt_opsplugin._fail(
        'query_tag', 'format is ' ~ (format | string) ~ ', not compact or json',
        'did you mean ' ~ dbt_opsplugin._nearest(format | string, ['compact', 'json']) ~ '?'
    ) %}
{% endmacro %}


{% macro query_comment(node=none) %}
    {#- The tag as JSON, for query-comment in dbt_project.yml. dbt refuses a comment that
        holds the end of a comment; in JSON, a slash may be escaped. -#}
    {% do return(
        dbt_opsplugin._json_tag(node, 10000).replace('*/', '*\\/').replace('/*', '\\/*')
    ) %}
{% endmacro %}


{% macro _json_tag(node, limit) %}
    {#- Custom keys go first when the engine's limit is passed, then all but the ids. -#}
    {% set tag = {
        'app': 'dbt',
        'dbt_version': dbt_version,
        'dbt_opsplugin_version': dbt_opsplugin.package_version(),
        'project': project_name,
        'target': target.name,
        'invocation_id': invocation_id,
    } %}
    {% set custom = dict(dbt_opsplugin._config('tags')) %}
    {% if node %}
        {% do tag.update({
            'node_id': node.unique_id,
            'node_name': node.name,
            'resource_type': node.resource_type | string,
        }) %}
        {% set config = node.config %}
        {% if config and config.materialized %}
            {% do tag.update({'materialized': config.materialized | string}) %}
        {% endif %}
        {% if config and config.meta is mapping and config.meta.get('opsplugin') is mapping %}
            {% do custom.update(config.meta['opsplugin'].get('tags') or {}) %}
        {% endif %}
    {% endif %}
    {% if execute %}
        {% for key, value in dbt_opsplugin._orchestrator_ids().items() %}
            {% do tag.update({key: value}) %}
        {% endfor %}
    {% endif %}
    {% set text = namespace(whole={}) %}
    {% for key, value in custom.items() if key not in tag %}
        {% do text.whole.update({key | string: value if value is string or value is number else value | string}) %}
    {% endfor %}
    {% set full = tojson(dict(tag, **text.whole)) %}
    {% if full | length <= limit %}
        {% do return(full) %}
    {% endif %}
    {% set plain = tojson(tag) %}
    {% if plain | length <= limit %}
        {% do return(plain) %}
    {% endif %}
    {% do return(tojson({
        'app': 'dbt', 'node_name': (node.name if node else '')[:200], 'invocation_id': invocation_id
    })) %}
{% endmacro %}


{% macro _orchestrator_ids() %}
    {#- A comment is rendered for every statement, so this asks for few variables. -#}
    {% set ids = {} %}
    {% for key, variable in [
        ('github_run_id', 'GITHUB_RUN_ID'), ('gitlab_pipeline_id', 'CI_PIPELINE_ID'),
        ('dbt_cloud_run_id', 'DBT_CLOUD_RUN_ID'), ('dbt_cloud_job_id', 'DBT_CLOUD_JOB_ID'),
        ('airflow_dag_run_id', 'AIRFLOW_CTX_DAG_RUN_ID'), ('airflow_dag_id', 'AIRFLOW_CTX_DAG_ID'),
        ('airflow_task_id', 'AIRFLOW_CTX_TASK_ID'), ('dagster_run_id', 'DAGSTER_RUN_ID'),
        ('prefect_flow_run_id', 'PREFECT__FLOW_RUN_ID')
    ] %}
        {% set value = env_var(variable, '') %}
        {% if value %}
            {% do ids.update({key: value}) %}
        {% endif %}
    {% endfor %}
    {% do return(ids) %}
{% endmacro %}


{% macro query_tag_limit() %}
    {{ return(adapter.dispatch('query_tag_limit', 'dbt_opsplugin')()) }}
{% endmacro %}


{% macro default__query_tag_limit() %}
    {#- Characters: Snowflake's limit, the usual measure of a session tag. -#}
    {% do return(2000) %}
{% endmacro %}
