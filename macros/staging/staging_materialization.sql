{% macro staging_materialization(dev='view', prod='ephemeral') %}
    {#- Returns the materialization for this target. Where the model cannot be ephemeral and
        that is known when dbt parses it, it keeps a relation. -#}
    {%- do dbt_opsplugin._validate_arguments('staging_materialization', kwargs, ['dev', 'prod']) %}
    {%- for argument, value in {'dev': dev, 'prod': prod}.items() %}
        {%- if value is not string or value | trim == '' %}
            {%- do dbt_opsplugin._fail(
                'staging_materialization', argument ~ ' is ' ~ (value | string)
                ~ ', not the name of a materialization', "pass view, table or ephemeral"
            ) %}
        {%- endif %}
    {%- endfor %}
    {%- set wanted = prod if dbt_opsplugin._is_production() else dev %}
    {%- if wanted != 'ephemeral' or model is not defined or model is none %}
        {%- do return(wanted) %}
    {%- endif %}
    {%- set reason = dbt_opsplugin._no_ephemeral_reason(model) %}
    {%- if not reason %}
        {%- do return(wanted) %}
    {%- endif %}
    {%- set instead = dev if dev != 'ephemeral' else 'view' %}
    {%- if not execute %}
        {%- do dbt_opsplugin._warn(
            'staging_materialization', model.unique_id ~ ' ' ~ reason ~ ', so it cannot be ephemeral:'
            ~ ' it stays a ' ~ instead
        ) %}
    {%- endif %}
    {%- do return(instead) %}
{%- endmacro %}


{% macro _no_ephemeral_reason(node) %}
    {#- What an ephemeral model would silently lose. At parse, what its own config() says is only in the text. -#}
    {%- set config = node.config or {} %}
    {%- set text = node.raw_code or '' %}
    {%- if config.get('pre-hook') or config.get('post-hook') or config.get('pre_hook')
        or config.get('post_hook') or modules.re.search('\\b(pre|post)[_-]hook([\'"]\\s*:|\\s*=)', text) %}
        {%- do return('has hooks') %}
    {%- elif config.get('grants') or modules.re.search('\\bgrants([\'"]\\s*:|\\s*=)', text) %}
        {%- do return('has grants') %}
    {%- elif (config.get('contract') or {}).get('enforced')
        or modules.re.search('(?i)\\bcontract[\'"]?\\s*[=:][^)]*?\\benforced[\'"]?\\s*[=:]\\s*true', text) %}
        {%- do return('has an enforced contract') %}
    {%- elif (node.language or 'sql') != 'sql' %}
        {%- do return('is a Python model') %}
    {%- elif not modules.re.match('[A-Za-z0-9_]+$', node.alias or node.name)
        or modules.re.search('\\balias\\s*=\\s*[\'"][^\'"]*[^A-Za-z0-9_\'"]', text) %}
        {#- dbt makes an unquoted CTE of it, after __dbt__cte__. -#}
        {%- do return('has an alias that needs quotes') %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _warn_of_ephemeral_staging() %}
    {#- What could not be known at parse: properties from YAML, and Python models that read an
        ephemeral one. dbt runs neither its hooks nor its grants. -#}
    {%- set ephemeral = {} %}
    {%- set rules = dbt_opsplugin._staging_rules() %}
    {%- for node in graph.nodes.values()
        if node['resource_type'] == 'model' and node['config']['materialized'] == 'ephemeral' %}
        {%- if dbt_opsplugin._is_staging(node, rules) %}
            {%- do ephemeral.update({node.unique_id: dbt_opsplugin._no_ephemeral_reason(node)}) %}
        {%- endif %}
    {%- endfor %}
    {%- if ephemeral %}
        {%- for node in graph.nodes.values() if node.language == 'python' %}
            {%- for parent in node.depends_on.nodes if parent in ephemeral %}
                {%- do ephemeral.update({parent: 'is read by the Python model ' ~ node.name}) %}
            {%- endfor %}
        {%- endfor %}
    {%- endif %}
    {%- for unique_id, reason in ephemeral.items() if reason %}
        {%- do dbt_opsplugin._warn(
            'staging_materialization', unique_id ~ ' ' ~ reason
            ~ " but is ephemeral: give it materialized: view in its own config"
        ) %}
    {%- endfor %}
{%- endmacro %}
