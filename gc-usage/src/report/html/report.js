// Adds to a complete page: sorting, filters, copies of tables, and a slider over the chart of days. Nothing is drawn here,
// nothing is stored, and there is no request.
'use strict';
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const textOf = cell => cell.textContent.replace(/\s+/g, ' ').trim();
  // What a cell is for sorting and in files. A count is shown whole.
  const valueOf = cell => cell.dataset.v ?? textOf(cell).replace(/,/g, '');
  const grouped = number => String(number).replace(/\B(?=(\d{3})+$)/g, ',');

  // ---- Tables
  for (const box of all('[data-table]')) {
    const table = box.querySelector('table');
    const [head] = table.tHead.rows;
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const tools = box.querySelector('.tools');
    const filter = box.querySelector('input[type=search]');
    const status = box.querySelector('output');
    const showAll = box.querySelector('[data-all]');
    const requests = [...head.cells].findIndex(cell => ['Requests', '429'].includes(textOf(cell)));
    const everything = () => box.classList.contains('everything');
    if (tools) tools.hidden = false;

    const update = () => {
      const words = filter ? filter.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
      let count = 0;
      let sum = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        const matches = words.every(word => text.includes(word));
        row.classList.toggle('out', !matches);
        if (matches) {
          count += 1;
          if (requests >= 0) sum += Number(valueOf(row.cells[requests]));
        }
      }
      // What matches is shown, even if it is not among the first rows.
      const isSorted = box.dataset.sorted === 'yes';
      box.classList.toggle('everything', words.length > 0 || isSorted || box.dataset.open === 'yes');
      if (showAll) showAll.hidden = everything();
      if (status) {
        const what = requests >= 0 ? `, ${grouped(sum)} ${textOf(head.cells[requests]) === '429' ? '429' : 'requests'}` : '';
        status.textContent = words.length
          ? `${grouped(count)} of ${grouped(rows.length)} rows${what}`
          : '';
      }
      watch();
    };

    if (filter) {
      filter.addEventListener('input', update);
      filter.addEventListener('keydown', event => {
        if (event.key === 'Escape' && filter.value) {
          filter.value = '';
          event.preventDefault();
          update();
        }
      });
    }
    if (showAll) {
      showAll.hidden = false;
      showAll.addEventListener('click', () => {
        box.dataset.open = 'yes';
        const first = body.querySelector('.rest a, .rest th');
        update();
        // The button is gone, so the focus needs a place.
        if (first) {
          if (first.tagName === 'TH') first.tabIndex = -1;
          first.focus();
        }
      });
    }

    const sort = (place, kind, cell) => {
      const order = cell.getAttribute('aria-sort');
      const descending = order ? order === 'ascending' : kind === 'number';
      for (const other of head.cells) other.removeAttribute('aria-sort');
      cell.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      const key = row => {
        const value = valueOf(row.cells[place]);
        return kind === 'text' ? value.toLowerCase() : value === '' ? -Infinity : Number(value);
      };
      const compare = (a, b) => (kind === 'text' ? (a < b ? -1 : a > b ? 1 : 0) : a - b || 0);
      // Rows that are equal keep the order in which they came.
      const keyed = rows.map((row, at) => ({ row, at, key: key(row) }));
      keyed.sort((a, b) => (descending ? -1 : 1) * compare(a.key, b.key) || a.at - b.at);
      body.append(...keyed.map(({ row }) => row));
      box.dataset.sorted = 'yes';
      update();
    };
    [...head.cells].forEach((cell, place) => {
      const kind = cell.dataset.sort;
      if (!kind || rows.length < 2) return;
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = textOf(cell);
      cell.replaceChildren(button);
      button.addEventListener('click', () => sort(place, kind, cell));
    });

    // What copies and files have: the rows that are shown, without drawings.
    const columns = () => [...head.cells].map((cell, place) => ({ cell, place })).filter(({ cell }) => cell.dataset.sort);
    const records = () => {
      const isShown = ({ classList }) => !classList.contains('out') && (everything() || !classList.contains('rest'));
      const shown = [...body.rows].filter(isShown);
      const hasIds = rows.some(row => row.cells[0].dataset.id);
      const heading = columns().map(({ cell }) => textOf(cell));
      const lines = shown.map(row => columns().map(({ place }) => (row.cells[place] ? valueOf(row.cells[place]) : '')));
      if (hasIds) {
        heading.splice(1, 0, 'Client id');
        shown.forEach((row, at) => lines[at].splice(1, 0, row.cells[0].dataset.id ?? ''));
      }
      return [heading, ...lines];
    };
    // A spreadsheet must not take a name for a formula.
    const isNumber = text => /^-?\d+(\.\d+)?(e\d+)?$/.test(text);
    const safe = text => (/^[=+\-@\t\r]/.test(text) && !isNumber(text) ? `'${text}` : text);
    const say = (button, text) => {
      const before = button.textContent;
      button.textContent = text;
      setTimeout(() => { button.textContent = before; }, 2000);
    };
    const copy = box.querySelector('[data-copy]');
    copy?.addEventListener('click', async () => {
      const text = records().map(line => line.map(cell => safe(cell.replace(/[\t\r\n]+/g, ' '))).join('\t')).join('\n');
      try {
        await navigator.clipboard.writeText(text);
        say(copy, 'Copied');
      } catch {
        say(copy, 'Not allowed here');
      }
    });
    const csv = box.querySelector('[data-csv]');
    csv?.addEventListener('click', () => {
      const cell = text => (/[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
      const lines = records().map(line => line.map(text => cell(safe(text))).join(','));
      const url = URL.createObjectURL(new Blob(['\ufeff', lines.join('\r\n'), '\r\n'], { type: 'text/csv' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = csv.dataset.csv;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    });
  }

  // ---- A table that is wider than its box is scrolled with the keyboard, but only then it is a stop.
  function watch() {
    for (const box of all('.scroll')) {
      if (box.scrollWidth > box.clientWidth + 1) {
        box.tabIndex = 0;
        box.setAttribute('role', 'region');
        box.setAttribute('aria-label', box.dataset.label);
      } else {
        for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name);
      }
    }
  }
  addEventListener('resize', watch);
  document.addEventListener('toggle', watch, true);

  // ---- One bar of the chart of days
  for (const slider of all('input[data-days]')) {
    const rows = [...document.getElementById(slider.dataset.days).tBodies[0].rows];
    const words = rows.map(row => row.dataset.say);
    const bars = all('.bar', slider.parentElement);
    const output = slider.nextElementSibling;
    // The bars of weeks and months at the edges are narrower.
    const widths = bars.map(bar => Number(bar.dataset.width ?? 1));
    const days = widths.reduce((sum, width) => sum + width, 0);
    output.textContent = 'Point at a bar, or use the arrow keys.';
    const show = () => {
      const place = Number(slider.value);
      output.textContent = words[place];
      slider.setAttribute('aria-valuetext', words[place]);
      bars.forEach((bar, at) => bar.classList.toggle('on', at === place));
    };
    slider.hidden = false;
    slider.setAttribute('aria-valuetext', words[Number(slider.value)]);
    slider.addEventListener('input', show);
    slider.addEventListener('focus', show);
    slider.addEventListener('pointermove', event => {
      const { left, width } = slider.getBoundingClientRect();
      let rest = ((event.clientX - left) / width) * days;
      const at = widths.findIndex(days => (rest -= days) < 0);
      slider.value = String(at < 0 ? bars.length - 1 : at);
      show();
    });
  }

  // ---- A link to a client opens it
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.querySelector('summary').focus();
    }
  };
  addEventListener('hashchange', open);
  open();
  // The browser moves the focus once more when the page is loaded.
  addEventListener('load', open);
  watch();
})();
