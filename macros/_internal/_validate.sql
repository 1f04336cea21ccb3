{% macro _validate_configuration() %}
    {#- Refuses a malformed var or meta key before anything has been changed. -#}
    {%- do dbt_opsplugin._validate_vars() %}
    {%- set sized = [] %}
    {#- By subscript, the fastest way in the sandbox: this loop runs over the whole project. -#}
    {%- for unique_id, node in graph.nodes.items() if 'opsplugin' in ((node['config'] or {})['meta'] or {}) %}
        {%- set own = node['config']['meta']['opsplugin'] %}
        {%- do dbt_opsplugin._validate_meta(unique_id, own) %}
        {%- if own['warehouse_size'] %}
            {%- do sized.append([node['name'], unique_id, own['warehouse_size']]) %}
        {%- endif %}
        {%- if own['metrics'] and not dbt_opsplugin._hook_texts(node['config'], ['post-hook', 'post_hook']) %}
            {%- do dbt_opsplugin._log(
                'log_model_metrics', unique_id ~ ' has metrics, and no post-hook that computes them: give it'
                ~ ' post_hook: "{{ dbt_opsplugin.log_model_metrics() }}"'
            ) %}
        {%- endif %}
    {%- endfor %}
    {%- if dbt_opsplugin._is_production() %}
        {%- if dbt_opsplugin._config('warehouse_sizes') %}
            {%- do dbt_opsplugin._validate_warehouse_sizes() %}
        {%- endif %}
        {%- if sized %}
            {%- do dbt_opsplugin._validate_model_sizes(sized) %}
        {%- endif %}
    {%- endif %}
{%- endmacro %}


{% macro _validate_vars() %}
    {%- set settings = dbt_opsplugin._settings() %}
    {%- for name, setting in settings.items() %}
        {%- set value = var('opsplugin_' ~ name, none) %}
        {%- if value is not none %}
            {%- set problem = dbt_opsplugin._type_problem(value, setting) %}
            {%- if problem %}
                {%- do dbt_opsplugin._fail(
                    'vars',
                    'opsplugin_' ~ name ~ ' is ' ~ dbt_opsplugin._as_written(value) ~ ', ' ~ problem,
                    'correct it under vars: in dbt_project.yml or in --vars'
                ) %}
            {%- endif %}
        {%- endif %}
    {%- endfor %}
    {%- set database = dbt_opsplugin._config('database') %}
    {%- if database and database | lower != target.database | lower
        and dbt_opsplugin.engine_facts()['one_database'] %}
        {%- do dbt_opsplugin._fail(
            'vars', 'opsplugin_database is ' ~ database ~ ', and ' ~ target.type ~ ' writes to one'
            ~ ' database in a transaction', 'leave it out, and set opsplugin_schema'
        ) %}
    {%- endif %}
    {%- if dbt_opsplugin._config('row_counts') == 'metadata' and not dbt_opsplugin.engine_facts()['counts_are_free'] %}
        {%- do dbt_opsplugin._fail(
            'vars', 'opsplugin_row_counts is metadata, and ' ~ target.type ~ ' has no exact count of rows there',
            'set it to true, which reads every table that was built, or to false'
        ) %}
    {%- endif %}
    {%- for name in dbt_opsplugin._user_vars() if (name | string).startswith('opsplugin_') %}
        {%- if name[10:] not in settings %}
            {%- do dbt_opsplugin._fail(
                'vars', name ~ ' is not a var of dbt_opsplugin',
                'did you mean opsplugin_' ~ dbt_opsplugin._nearest(name[10:], settings)
                ~ '? Valid: opsplugin_' ~ settings | join(', opsplugin_')
            ) %}
        {%- endif %}
    {%- endfor %}
{%- endmacro %}


{% macro _user_vars() %}
    {#- The names of all vars that the user set. The context lists only those of the command
        line; the project's are reached through the resolver behind ref, in Core and in v2. -#}
    {%- set names = [] %}
    {%- set cli_vars = (invocation_args_dict or {}).get('vars') or {} %}
    {%- if cli_vars is mapping %}
        {%- do names.extend(cli_vars | list) %}
    {%- endif %}
    {%- set config = builtins.ref.config if builtins is defined else none %}
    {%- if config %}
        {%- set project_vars = config.vars.to_dict() %}
        {%- do names.extend(project_vars | list) %}
        {%- for place, unseen in {
            project_name: 'the hooks and operations of this package', 'dbt_opsplugin': 'the models of the project'
        }.items() %}
            {%- set own = project_vars.get(place) %}
            {%- for name in (own if own is mapping else {}) if (name | string).startswith('opsplugin_') %}
                {%- do dbt_opsplugin._fail(
                    'vars', name ~ ' is set below vars: ' ~ place ~ ', where ' ~ unseen ~ ' do not see it',
                    'set it directly below vars:'
                ) %}
            {%- endfor %}
        {%- endfor %}
    {%- endif %}
    {%- do return(names) %}
{%- endmacro %}


{% macro _type_problem(value, setting) %}
    {#- What is wrong with a value, as the end of a sentence, or '' when nothing is. -#}
    {%- set kind = setting['kind'] %}
    {%- if kind == 'boolean' and value is not boolean and (value is not string or value != setting['or']) %}
        {%- do return('not true or false' ~ (', nor ' ~ setting['or'] if setting['or'] else '')) %}
    {%- elif kind == 'string' and (value is not string or value | trim == '') %}
        {%- do return('not a name') %}
    {%- elif kind == 'identifier' and (value is not string or value | trim == '' or '"' in value or '`' in value) %}
        {%- do return('not a name without quotes') %}
    {%- elif kind == 'number' and (value is boolean or value is not number or value < 0 or value - value != 0) %}
        {#- What is infinite or no number at all is not JSON. -#}
        {%- do return('not a number of zero or more') %}
    {%- elif kind == 'days' and (value is boolean or value is not integer or value < 0) %}
        {%- do return('not a whole number of days, 0 or more') %}
    {%- elif kind == 'mapping' and value is not mapping %}
        {%- do return('not a mapping') %}
    {%- elif kind == 'choice' and value not in setting['choices'] %}
        {%- do return(
            'not one of ' ~ setting['choices'] | join(', ') ~ ' (nearest: '
            ~ dbt_opsplugin._nearest(value | string, setting['choices']) ~ ')'
        ) %}
    {%- elif kind == 'strings' %}
        {%- if value is string or value is mapping or value is not iterable %}
            {%- do return('not a list of names') %}
        {%- endif %}
        {%- for item in value if item is not string or item == '' or '{{' in item %}
            {%- do return('not a list of names' ~ (', in which dbt renders no Jinja' if item is string and item)) %}
        {%- endfor %}
    {%- endif %}
    {%- do return('') %}
{%- endmacro %}


{% macro _as_written(value) %}
    {#- As it would be written, with its quotes; a YAML date is no JSON. -#}
    {%- set safe = dbt_opsplugin._json_safe(value) %}
    {%- do return(value | string if safe is none else tojson(safe)) %}
{%- endmacro %}
