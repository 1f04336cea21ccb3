{% macro _result_rows(results) %}
    {#- One row per result of the run. `results` is walked once and few of its fields are
        read, since in dbt v2 each access converts the whole node; the rest comes from the
        graph, by subscript and without a macro call in the loop. -#}
    {%- set rows = [] %}
    {%- set nodes = graph.nodes %}
    {%- set sources = graph.sources %}
    {%- set second = modules.datetime.timedelta(seconds=1) %}
    {%- for result in results %}
        {%- set unique_id = result.node.unique_id %}
        {%- set node = nodes[unique_id] or sources[unique_id] or dbt_opsplugin._as_graph_node(result.node) %}
        {%- set config = node['config'] or {} %}
        {%- set meta = config['meta'] %}
        {%- set kind = node['resource_type'] | string %}
        {%- set response = result.adapter_response or {} %}
        {%- set message = result.message %}
        {%- if message and 'Vars supplied to' in message | string %}
            {#- Those of the command line, where one is missing. -#}
            {%- set message = modules.re.sub('(?s)(Vars supplied to [^\\n]*? = )\\{.*', '\\1...', message | string) %}
        {%- endif %}
        {%- set failures = result.failures %}
        {%- set row = {
            'invocation_id': invocation_id,
            'unique_id': unique_id,
            'attempt': 1,
            'resource_type': kind,
            'name': node['name'],
            'package_name': node['package_name'],
            'status': result.status | string,
            'execution_time': result.execution_time,
            'thread_id': result.thread_id,
            'message': message | string if message else none,
            'adapter_response': response,
            'materialized': config['materialized'] or ('seed' if kind == 'seed' else none),
            'database_name': node['database'],
            'schema_name': node['schema'],
            'alias': node['alias'] or node['identifier'] or none,
            'tags': node['tags'],
        } %}
        {#- What few results have is left out of the others: it makes their JSON smaller. -#}
        {%- if response | length > 1 or response and response['_message'] is not string %}
            {#- Most of DuckDB's are a message alone. -#}
            {%- if 'query' in response %}
                {#- dbt-trino's holds the whole statement. -#}
                {%- set response = dict(response) %}
                {%- do response.pop('query') %}
                {%- do row.update({'adapter_response': response}) %}
            {%- endif %}
            {%- set affected = response['rows_affected'] %}
            {%- if affected is integer and affected >= 0 %}
                {%- do row.update({'rows_affected': affected}) %}
            {%- endif %}
            {#- The second is dbt-athena's. -#}
            {%- set bytes = response.get('bytes_processed', response['data_scanned_in_bytes']) %}
            {%- if bytes is integer and bytes >= 0 %}
                {%- do row.update({'bytes_processed': bytes}) %}
            {%- endif %}
            {%- if response['query_id'] or response['job_id'] %}
                {%- do row.update({'query_id': response['query_id'] or response['job_id']}) %}
            {%- endif %}
            {%- for value in response.values()
                if value is not string and value is not integer and value is not boolean %}
                {%- do row.update({'adapter_response': dbt_opsplugin._json_safe(response)}) %}
            {%- endfor %}
        {%- endif %}
        {%- if failures is integer %}
            {%- do row.update({'failures': failures}) %}
        {%- endif %}
        {%- if meta and meta['owner'] %}
            {%- do row.update({'owner': meta['owner'] | string}) %}
        {%- endif %}
        {%- for timing in result.timing or [] %}
            {%- set end = timing.completed_at %}
            {%- if end and end is not string %}
                {#- Core: datetimes, in UTC without saying so. -#}
                {%- set begin = timing.started_at %}
                {%- do row.update({
                    timing.name ~ '_time': (end - begin) / second,
                    'started_at': row['started_at'] or begin | string,
                    'completed_at': end | string,
                }) %}
            {%- elif end %}
                {#- dbt v2: text. -#}
                {%- do row.update({
                    'started_at': row['started_at'] or dbt_opsplugin._timestamp(timing.started_at),
                    'completed_at': dbt_opsplugin._timestamp(end),
                }) %}
            {%- endif %}
        {%- endfor %}
        {%- set batches = result.batch_results %}
        {%- if batches %}
            {%- do row.update({'batch_results': dbt_opsplugin._batch_summary(batches)}) %}
        {%- endif %}
        {%- if kind == 'source' and result.max_loaded_at %}
            {%- do row.update({
                'max_loaded_at': dbt_opsplugin._timestamp(result.max_loaded_at),
                'max_loaded_at_time_ago_in_s': result.age,
            }) %}
        {%- endif %}
        {#- dbt v2 lists ephemeral models, as skipped. -#}
        {%- if row['materialized'] != 'ephemeral' %}
            {%- do rows.append(row) %}
        {%- endif %}
    {%- endfor %}
    {%- do return(rows) %}
{%- endmacro %}


{% macro _batch_summary(batches) %}
    {#- How many batches of a microbatch model there were, and which ones failed, by the time
        at which each begins. -#}
    {%- set failed = [] %}
    {%- for batch in batches.failed %}
        {%- do failed.append(dbt_opsplugin._timestamp(batch[0])) %}
    {%- endfor %}
    {%- do return({
        'successful': batches.successful | length,
        'failed': failed | length,
        'failed_batches': failed,
    }) %}
{%- endmacro %}


{% macro _as_graph_node(node) %}
    {#- What the graph does not list, such as a unit test, in the shape that it would have. -#}
    {%- set config = node.config or {} %}
    {%- do return({
        'resource_type': node.resource_type,
        'name': node.name,
        'package_name': node.package_name,
        'config': {
            'materialized': config.materialized if config.materialized is string else none,
            'meta': config.meta if config.meta is mapping else {},
        },
        'database': node.database if node.database is string else none,
        'schema': node.schema if node.schema is string else none,
        'alias': node.alias if node.alias is string else none,
        'tags': node.tags | list if node.tags else [],
    }) %}
{%- endmacro %}


{% macro _timestamp(value) %}
    {#- UTC without an offset, as the ops tables hold it. What has no offset is UTC: dbt's
        times are. Text is ISO 8601, as dbt v2 has it. -#}
    {%- if not value %}
        {%- do return(none) %}
    {%- elif value is not string and value.tzinfo %}
        {%- do return(value.astimezone(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f')) %}
    {%- endif %}
    {%- do return((value | string).replace('T', ' ').replace('Z', '').split('+')[0]) %}
{%- endmacro %}
