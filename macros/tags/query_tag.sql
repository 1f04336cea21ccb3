{% macro query_tag(node=none, format='compact') %}
    {#- One structured tag of what runs. `node` is the node in dbt's query-comment context,
        and by default the model that is being rendered. -#}
    {%- do dbt_opsplugin._validate_arguments('query_tag', kwargs, ['node', 'format']) %}
    {%- if node is string %}
        {%- do dbt_opsplugin._fail(
            'query_tag', 'node is ' ~ node ~ ', which is text and no node', "pass format='json' by its name"
        ) %}
    {%- endif %}
    {%- set of_node = node or (model if model is defined else none) %}
    {#- In a query comment dbt shows no adapter, and there is room. -#}
    {%- set limit = dbt_opsplugin.engine_facts()['query_tag_limit'] if adapter is defined else 2000 %}
    {%- if format == 'compact' %}
        {%- set name = dbt_opsplugin._node_name(of_node) if of_node else '' %}
        {#- Of a tag that is too long, the id of the run is worth more than the end of a name. -#}
        {%- set rest = ':' ~ target.name[:limit - 6 - invocation_id | length] ~ ':' ~ invocation_id %}
        {%- do return('dbt:' ~ name[:limit - 4 - rest | length] ~ rest) %}
    {%- elif format == 'json' %}
        {#- Where there is no room for JSON on a session, it is for something else. -#}
        {%- do return(dbt_opsplugin._json_tag(of_node, {}, [limit, 2000] | max)) %}
    {%- endif %}
    {%- do dbt_opsplugin._fail(
        'query_tag', 'format is ' ~ (format | string) ~ ', not compact or json',
        'did you mean ' ~ dbt_opsplugin._nearest(format | string, ['compact', 'json']) ~ '?'
    ) %}
{%- endmacro %}


{% macro query_comment(node=none, tags={}) %}
    {#- The tag as JSON, for query-comment in dbt_project.yml. `tags` are keys to add: dbt
        shows a query-comment only the vars of the command line, not those of
        dbt_project.yml (dbt-core issue 8869). -#}
    {%- do return(dbt_opsplugin._json_tag(node, tags, 10000)) %}
{%- endmacro %}


{% macro _json_tag(node, tags, limit) %}
    {#- dbt renders a comment twice for every node, in a context without `execute`, `adapter`
        and `exceptions`: so this calls few macros and raises nothing. When the limit is
        passed, the custom keys go first, then all but the ids. dbt refuses a comment that holds the
        end of a comment, and some engines nest comments; Snowflake's driver fills a percent sign in with the
        rows of a seed. JSON may escape these. -#}
    {%- set tag = {
        'app': 'dbt',
        'dbt_version': dbt_version,
        'dbt_opsplugin_version': dbt_opsplugin.package_version(),
        'project': project_name,
        'target': target.name,
        'invocation_id': invocation_id,
    } %}
    {%- set sources = [tags, dbt_opsplugin._config('tags')] %}
    {%- if node %}
        {%- do tag.update({
            'node_id': node.unique_id,
            'node_name': node.name,
            'resource_type': node.resource_type | string,
        }) %}
        {%- set config = node.config or {} %}
        {%- if config.materialized %}
            {%- do tag.update({'materialized': config.materialized | string}) %}
        {%- endif %}
        {%- if config.meta is mapping and config.meta.get('opsplugin') is mapping %}
            {%- do sources.insert(0, config.meta['opsplugin'].get('tags')) %}
        {%- endif %}
    {%- endif %}
    {#- At parse, dbt would reparse the project whenever one of these variables changes. -#}
    {%- if execute is not defined or execute %}
        {%- do tag.update(dbt_opsplugin._orchestrator_ids()) %}
    {%- endif %}
    {%- set full = dict(tag) %}
    {%- for source in sources if source %}
        {%- for key, value in (source if source is mapping else {'tags': source}).items() %}
            {#- Not a number and infinity are not JSON. -#}
            {%- set plain = value is string or (value is number and value - value == 0) %}
            {%- do full.setdefault(key | string, value if plain else value | string) %}
        {%- endfor %}
    {%- endfor %}
    {%- for candidate in [full, tag] %}
        {%- set text = tojson(candidate)
            .replace('/*', '/\\u002a').replace('*/', '*\\/').replace('%', '\\u0025') %}
        {%- if text | length <= limit %}
            {%- do return(text) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(tojson({
        'app': 'dbt', 'node_name': (node.name if node else '')[:200], 'invocation_id': invocation_id
    })) %}
{%- endmacro %}


{% macro _orchestrator_ids() %}
    {#- The ids by which a statement is found again in the system that started the run. -#}
    {%- set ids = {} %}
    {%- for key, variable in [
        ('github_run_id', 'GITHUB_RUN_ID'), ('gitlab_pipeline_id', 'CI_PIPELINE_ID'),
        ('dbt_cloud_run_id', 'DBT_CLOUD_RUN_ID'), ('dbt_cloud_job_id', 'DBT_CLOUD_JOB_ID'),
        ('azure_build_id', 'BUILD_BUILDID'), ('bitbucket_build_number', 'BITBUCKET_BUILD_NUMBER'),
        ('circleci_workflow_id', 'CIRCLE_WORKFLOW_ID'), ('buildkite_build_id', 'BUILDKITE_BUILD_ID'),
        ('jenkins_build_tag', 'BUILD_TAG'), ('airflow_dag_run_id', 'AIRFLOW_CTX_DAG_RUN_ID'),
        ('airflow_dag_id', 'AIRFLOW_CTX_DAG_ID'), ('airflow_task_id', 'AIRFLOW_CTX_TASK_ID'),
        ('dagster_run_id', 'DAGSTER_RUN_ID'), ('prefect_flow_run_id', 'PREFECT__FLOW_RUN_ID')
    ] if env_var(variable, '') %}
        {%- do ids.update({key: env_var(variable)}) %}
    {%- endfor %}
    {%- do return(ids) %}
{%- endmacro %}
