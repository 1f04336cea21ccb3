{% macro bigquery__warehouse_state(wanted) %}
    {#- Of the reservation that the sizes are of. -#}
    {%- set reservation = wanted['reservation'] or dbt_opsplugin._bigquery_reservation() %}
    {%- if not reservation %}
        {%- do return({'settings': {}, 'matches': true}) %}
    {%- endif %}
    {%- set project, region, name = modules.re.findall('^(.*)\\.(region-[^.]+)\\.([^.]+)$', reservation)[0] %}
    {%- for slots, most in dbt_opsplugin.query_rows(
        'select slot_capacity, autoscale.max_slots from ' ~ dbt_opsplugin._quoted([project, region])
        ~ '.INFORMATION_SCHEMA.RESERVATIONS where reservation_name = ' ~ dbt_opsplugin.literal(name)
    ) %}
        {%- set settings = {
            'reservation': reservation, 'slot_capacity': slots | int, 'autoscale_max_slots': (most or 0) | int,
        } %}
        {%- set differing = [] %}
        {%- for setting, value in wanted.items() if settings[setting] != value %}
            {%- do differing.append(setting) %}
        {%- endfor %}
        {%- do return({'settings': settings, 'matches': not differing}) %}
    {%- endfor %}
    {%- do dbt_opsplugin._fail(
        'set_warehouse_size', 'reservation ' ~ reservation ~ ' is not to be seen',
        'write it as admin-project.region-us.name; it takes bigquery.resourceEditor in its project'
    ) %}
{%- endmacro %}


{% macro _bigquery_reservation() %}
    {#- One for all sizes of a project: what a run sets it puts back at its end, once. -#}
    {%- set named = [] %}
    {%- for settings in dbt_opsplugin._config('warehouse_sizes').values()
        if settings is mapping and settings['reservation'] %}
        {%- do named.append(settings['reservation']) %}
    {%- endfor %}
    {%- if named | unique | list | length > 1 %}
        {%- do dbt_opsplugin._fail(
            'set_warehouse_size', 'opsplugin_warehouse_sizes names the reservations ' ~ named | unique | join(' and '),
            'give all sizes one reservation; a model runs in another by the config reservation'
        ) %}
    {%- endif %}
    {%- do return(named | first if named else none) %}
{%- endmacro %}


{% macro bigquery__resize_statements(settings, of) %}
    {%- set options = [] %}
    {%- for name, value in settings.items() if name != 'reservation' %}
        {%- do options.append(name ~ ' = ' ~ value) %}
    {%- endfor %}
    {%- do return([
        'alter reservation ' ~ adapter.quote(settings['reservation']) ~ ' set options (' ~ options | join(', ') ~ ')'
    ]) %}
{%- endmacro %}


{% macro bigquery__default_warehouse_sizes() %}
    {#- None: which reservation it is, and what it may cost, is its owner's to say. -#}
    {%- do return({}) %}
{%- endmacro %}


{% macro bigquery__warehouse_settings() %}
    {%- do return({
        'reservation': {
            'what': 'a reservation with its project and region', 'example': 'admin-project.region-us.prod',
            'pattern': '^([a-z0-9.-]+:)?[a-z][a-z0-9-]*\\.region-[a-z0-9-]+\\.[a-z][a-z0-9-]*$',
            'needs': ['slot_capacity', 'autoscale_max_slots'],
        },
        'slot_capacity': {'what': 'a number of slots', 'least': 0, 'needs': ['reservation']},
        'autoscale_max_slots': {'what': 'a number of slots', 'least': 0, 'needs': ['reservation']},
    }) %}
{%- endmacro %}
